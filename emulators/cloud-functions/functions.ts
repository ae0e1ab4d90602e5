import type { protos } from "@google-cloud/functions";
import type { CloudAccess } from "../kit/access/cloud-access.ts";
import type { Clock } from "../kit/clock.ts";
import type { Collection, Resource } from "../kit/collection.ts";
import type { JsonForm } from "../kit/json-form.ts";
import type { Operations } from "../kit/operation.ts";
import type { Instance } from "./instance.ts";

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

/** What surrounds the emulator; everything may be left out. */
export type Surroundings = {
  /** Who may do what; without it nobody asks. */
  readonly access?: CloudAccess | undefined;
  /** Where programs are looked for, as in `PATH`; npm must be there. By default in the system's folders. */
  readonly path?: string | undefined;
  /** A `node_modules` folder. It is linked where a lockfile asks for nothing else; without it `npm ci` runs. */
  readonly modules?: string | undefined;
  /** What instances that run as an account find in their environment, beside what the function sets. */
  readonly environmentOf?: ((account: string) => Readonly<Record<string, string>>) | undefined;
  /** What is asked first whether it runs a function, before that is built and started. */
  readonly host?: Host | undefined;
  /** What stands before the functions and is told of them. */
  readonly front?: Front | undefined;
};

/** The emulator's state with what surrounds it. */
export type CloudFunctions = Surroundings & {
  readonly functions: Functions;
  /** Uploaded archives in base64, by `bucket/object`. One for which only an address was given is empty. */
  readonly uploads: Map<string, string>;
  /** What runs, by the function's name. */
  readonly running: Map<string, Instance>;
  /** The folders of what was built, by what it was built of. */
  readonly builds: Map<string, Promise<string>>;
  /** The change of each function that is under way. */
  readonly underWay: Map<string, Promise<unknown>>;
  readonly clock: Clock;
  readonly operations: Operations;
  /** Where functions are built, and where their logs are. */
  readonly folder: string;
  readonly numberOf: (project: string) => string;
  /** `http://127.0.0.1:PORT` */
  readonly baseUrl: () => string;
};

/** What an owner says of a function. */
export type FunctionDraft = JsonForm<protos.google.cloud.functions.v2.IFunction>;
type BuildConfig = JsonForm<protos.google.cloud.functions.v2.IBuildConfig>;
/** How a function runs. */
export type ServiceConfig = JsonForm<protos.google.cloud.functions.v2.IServiceConfig>;

/** What is always there. */
export type FunctionOwn = {
  readonly state: NonNullable<FunctionDraft["state"]>;
  readonly buildConfig: BuildConfig;
  /** Its revision is that which serves; it lacks one until the first does. */
  readonly serviceConfig: ServiceConfig;
  /** How often it was deployed: its revisions are numbered. */
  readonly hidden: { readonly deployments: number };
};

/** google.cloud.functions.v2.Function: what its owner set, and what came of it. */
export type FunctionRecord = Resource<FunctionDraft, FunctionOwn>;

/** All functions. */
export type Functions = Collection<FunctionDraft, FunctionOwn>;
