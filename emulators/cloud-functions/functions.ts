import type { Clock } from "../kit/clock.ts";
import type { ObjectReader } from "../kit/object-reader.ts";
import type { Operations } from "../kit/operation.ts";
import type { Running, State } from "./state.ts";
import type { ServiceConfig } from "./wire.ts";

/** A function that serves, for what stands before it. */
export type ServingFunction = {
  /** `projects/P/locations/L/functions/F` */
  readonly name: string;
  /** Under which addresses the world knows it: its own, and those of its Cloud Run service. */
  readonly urls: readonly string[];
  /** `127.0.0.1:PORT` of its instance. */
  readonly address: string;
  /** How its owner lets it run. */
  readonly config: ServiceConfig;
};

/** What stands before functions, and is told of them. */
export type Front = {
  /** A function serves, or serves from another instance than before. It is done before the function is ACTIVE. */
  readonly serve: (serving: ServingFunction) => Promise<void>;
  /** A function is gone: `projects/P/locations/L/functions/F`. */
  readonly end: (name: string) => Promise<void>;
};

/** The emulator's state with what surrounds it. */
export type CloudFunctions = {
  readonly state: State;
  readonly running: Running;
  /** The folders of what was built, by what it was built of. */
  readonly builds: Map<string, Promise<string>>;
  /** The changes that are under way. */
  readonly underWay: Set<Promise<unknown>>;
  readonly clock: Clock;
  readonly operations: Operations;
  /** Where functions are built, and where their logs are. */
  readonly folder: string;
  /** Where programs are looked for: npm among them. */
  readonly path: string;
  /** Packages that may be linked instead of fetched; null: none. */
  readonly modules: string | null;
  /** Where sources of other buckets are read; null: nowhere. */
  readonly objects: ObjectReader | null;
  readonly numberOf: (project: string) => string;
  /** What an instance that runs as an account finds in its environment. */
  readonly environmentOf: (account: string) => Readonly<Record<string, string>>;
  /** `http://127.0.0.1:PORT` */
  readonly baseUrl: () => string;
  /** What stands before the functions; null: nothing does. */
  readonly front: Front | null;
};
