import type { Instance } from "./instance.ts";
import type { FunctionInput } from "./wire.ts";

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

/** What runs, by the function's name. */
export type Running = Map<string, Instance>;

/** A state with nothing in it. */
export function emptyState(): State {
  return { functions: new Map(), uploads: new Map() };
}
