import type { Workspace } from "./workspace.ts";

/** The arguments of a call; those that are structures are read from their JSON. */
export type Arguments = Readonly<Record<string, unknown>>;

/** A call as a method sees it. */
export type SlackCall = {
  readonly workspace: Workspace;
  readonly args: Arguments;
  /** What the token may do. */
  readonly scopes: ReadonlySet<string>;
};

/** A method of the Web API. */
export type SlackMethod = {
  /** The scope that the token needs; null where every token will do. */
  readonly scope: string | null;
  /** Gives what the answer has beside `ok`. @throws SlackError */
  readonly run: (call: SlackCall) => Readonly<Record<string, unknown>>;
};
