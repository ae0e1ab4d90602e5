import type { Clock } from "../kit/clock.ts";
import type { GithubState, Permissions, Repository } from "./state.ts";
import type { Place } from "./views.ts";

/** GitHub as it runs here: what is there, what time it is, and how it is seen. */
export type Hub = {
  readonly state: GithubState;
  readonly clock: Clock;
  readonly place: () => Place;
  /** Whether a commit that is named is made, with a pull request that brought it; GitHub makes none. */
  readonly makesCommits: boolean;
};

/** A call about one repository, as an operation sees it. */
export type Call = {
  readonly hub: Hub;
  readonly repository: Repository;
  /** What the path and the query say. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
};

/** What an operation gives: a record with its status, or a list, of which one page is answered. */
export type Answer =
  | { readonly status: number; readonly json: unknown }
  | { readonly list: readonly unknown[] };

/** A method of the REST API. */
export type Operation = {
  /** As the published description names it, such as `repos/create-deployment`. */
  readonly id: string;
  readonly method: "get" | "post";
  /** Below `/repos/OWNER/REPO`, such as `/deployments/:deployment_id/statuses`. */
  readonly path: string;
  /** What an app must be allowed; a token of a person may do everything. */
  readonly needs: readonly [name: string, access: Permissions[string]];
  /** @throws GithubError */
  readonly run: (call: Call) => Answer;
};
