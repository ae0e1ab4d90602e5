import type { CloudAccess } from "../kit/access/cloud-access.ts";
import type { Clock } from "../kit/clock.ts";
import type { Operations } from "../kit/operation.ts";
import type { Instance } from "./instance.ts";
import type { FunctionInput, ServiceConfig } from "./wire.ts";

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
  /** What runs, by the function's name. */
  readonly running: Map<string, Instance>;
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

/** How a function is: what its owner set, and what came of it. */
export type FunctionRecord = {
  readonly name: string;
  /** What the owner set, with defaults filled in. */
  readonly spec: FunctionInput;
  readonly state: "DEPLOYING" | "ACTIVE" | "FAILED" | "DELETING";
  readonly createTimeMs: number;
  readonly updateTimeMs: number;
  /** How often it was deployed: its revisions are numbered. */
  readonly deployments: number;
  /** The revision that serves; null until the first one does. */
  readonly revision: string | null;
  /** Why the last deployment failed; null when it did not. */
  readonly failure: string | null;
};

/** Everything that the emulator keeps, but for what runs. */
export type State = {
  readonly functions: Map<string, FunctionRecord>;
  /** Uploaded archives in base64, by `bucket/object`. One for which only an address was given is empty. */
  readonly uploads: Map<string, string>;
};

/** A state with nothing in it. */
export function emptyState(): State {
  return { functions: new Map(), uploads: new Map() };
}
