import type { Answer, Call, Operation } from "./call.ts";
import { commitNamed, SHA } from "./commits.ts";
import { addressIn, descriptionIn, textIn, wordIn } from "./fields.ts";
import { GithubError } from "./github-error.ts";
import { pullView } from "./pull-view.ts";
import { type Commit, COMMIT_STATES, type CommitStatus, nextId } from "./state.ts";
import { commitStatusView } from "./views.ts";

/** How many statuses one context may give a commit. Source: https://docs.github.com/rest/commits/statuses */
const STATUSES_MAX = 1000;

/** What is said of commits, and which pull requests brought them. */
export const COMMIT_OPERATIONS: readonly Operation[] = [
  {
    id: "repos/create-commit-status",
    method: "post",
    path: "/statuses/:sha",
    needs: ["statuses", "write"],
    run: createStatus,
  },
  {
    id: "repos/list-commit-statuses-for-ref",
    method: "get",
    path: "/commits/:ref/statuses",
    needs: ["statuses", "read"],
    run: listStatuses,
  },
  {
    id: "repos/list-pull-requests-associated-with-commit",
    method: "get",
    path: "/commits/:commit_sha/pulls",
    needs: ["pull_requests", "read"],
    run: listPulls,
  },
];

function commitOf(call: Call, ref: string): Commit {
  const commit = commitNamed(call, ref);
  if (commit === undefined) {
    throw new GithubError(422, `No commit found for SHA: ${ref}`);
  }
  return commit;
}

function statusesOf({ hub }: Call, { repository, sha }: Commit): readonly CommitStatus[] {
  return [...hub.state.commitStatuses.values()]
    .filter((one) => one.repository === repository && one.sha === sha)
    .toReversed();
}

function createStatus(call: Call): Answer {
  const { hub, repository, parameters, body } = call;
  const sha = parameters["sha"] ?? "";
  if (!SHA.test(sha)) {
    throw new GithubError(422, `No commit found for SHA: ${sha}`);
  }
  const commit = commitOf(call, sha);
  const context = (textIn(body, "Status.context") || "default").toLowerCase();
  const before = statusesOf(call, commit).filter((one) => one.context.toLowerCase() === context);
  if (before.length >= STATUSES_MAX) {
    const message = "This SHA and context has reached the maximum number of statuses.";
    throw new GithubError(422, "Validation Failed", { errors: [{ code: "custom", message }] });
  }
  const status: CommitStatus = {
    id: nextId(hub.state),
    repository: repository.id,
    sha,
    state: wordIn(body, "Status.state", COMMIT_STATES),
    context: textIn(body, "Status.context") || "default",
    description: descriptionIn(body, "Status") || null,
    targetUrl: addressIn(body, "Status.target_url") || null,
    createdMs: hub.clock.now(),
  };
  hub.state.commitStatuses.set(String(status.id), status);
  return { status: 201, json: commitStatusView(hub.place(), repository, status) };
}

function listStatuses(call: Call): Answer {
  const { hub, repository, parameters } = call;
  const commit = commitOf(call, parameters["ref"] ?? "");
  return {
    list: statusesOf(call, commit).map((one) => commitStatusView(hub.place(), repository, one)),
  };
}

/** A merged one that brought it; where none did, those that are open and have it. */
function listPulls(call: Call): Answer {
  const { hub, repository, parameters } = call;
  const { sha } = commitOf(call, parameters["commit_sha"] ?? "");
  const all = [...hub.state.pulls.values()].filter(
    (one) => one.repository === repository.id && one.commits.includes(sha),
  );
  return { list: all.map((one) => pullView(hub.place(), repository, one)) };
}
