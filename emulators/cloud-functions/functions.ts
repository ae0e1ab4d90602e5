import type { CloudAccess } from "../kit/access/cloud-access.ts";
import type { Clock } from "../kit/clock.ts";
import type { ObjectReader } from "../kit/object-reader.ts";
import type { Operations } from "../kit/operation.ts";
import type { Instance } from "./instance.ts";
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

/** A function that a host may run. */
export type Hosted = {
  /** `projects/P/locations/L/functions/F` */
  readonly name: string;
  /** What it is made of. */
  readonly archive: Uint8Array;
  /** The account that it runs as. */
  readonly account: string;
  /** Which of the archive's functions it is. */
  readonly target: string;
  /** What it finds in its environment, but for what tells one instance from another. */
  readonly environment: Readonly<Record<string, string>>;
};

/** Runs functions in a way of its own, in place of a build and a process for each. */
export type Host = {
  /**
   * Starts an instance; null for an archive that it does not know, which is built then.
   * @throws Error when it could not be started.
   */
  readonly start: (hosted: Hosted) => Promise<Instance | null>;
};

/** The emulator's state with what surrounds it. */
export type CloudFunctions = {
  readonly state: State;
  readonly running: Running;
  /** The folders of what was built, by what it was built of. */
  readonly builds: Map<string, Promise<string>>;
  /** The changes that are under way. */
  readonly underWay: Set<Promise<unknown>>;
  /** The last deployment of each function: one that is asked for meanwhile comes after it. */
  readonly deploying: Map<string, Promise<unknown>>;
  readonly clock: Clock;
  /** Who may do what; null where nobody asks. */
  readonly access: CloudAccess | null;
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
  /** What may run functions in a way of its own; null: each is built and started. */
  readonly host: Host | null;
  /** What stands before the functions; null: nothing does. */
  readonly front: Front | null;
};
