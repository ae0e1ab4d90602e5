/** A Cloud Run job in an environment's project. */
export type JobRef = { readonly project: string; readonly region: string; readonly job: string };

/** How an execution of a job stands. `UNRECOGNIZED` is waited for as if it ran. */
export type ExecutionState = "RUNNING" | "SUCCEEDED" | "FAILED" | "UNRECOGNIZED";

/** One execution of a job, as Cloud Run shows it. */
export type ExecutionView = {
  readonly name: string;
  readonly state: ExecutionState;
  readonly message: string | null;
};
