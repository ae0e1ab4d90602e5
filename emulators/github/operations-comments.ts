import type { Answer, Call, Operation } from "./call.ts";
import { textIn } from "./fields.ts";
import { GithubError, invalid, notFound } from "./github-error.ts";
import { type Comment, nextId, type Pull } from "./state.ts";
import { commentView, timeText } from "./views.ts";

/** The longest comment, in characters. Unconfirmed: GitHub's refusal of a longer one says so. */
const BODY_LENGTH_MAX = 65_536;

/** Comments on pull requests, which are issues here. Source: https://docs.github.com/rest/issues/comments */
export const COMMENT_OPERATIONS: readonly Operation[] = [
  {
    id: "issues/list-comments",
    method: "get",
    path: "/issues/:issue_number/comments",
    needs: ["pull_requests", "read"],
    run: list,
  },
  {
    id: "issues/create-comment",
    method: "post",
    path: "/issues/:issue_number/comments",
    needs: ["pull_requests", "write"],
    run: create,
  },
];

function pullOf({ hub, repository, parameters }: Call): Pull {
  const found = hub.state.pulls.get(`${repository.id} ${parameters["issue_number"] ?? ""}`);
  if (found === undefined) {
    throw notFound();
  }
  return found;
}

/** In the order of their ids. */
function list(call: Call): Answer {
  const { hub, repository, parameters } = call;
  const { number } = pullOf(call);
  const since = parameters["since"] ?? "";
  const own = [...hub.state.comments.values()].filter(
    (one) =>
      one.repository === repository.id && one.pull === number && timeText(one.createdMs) >= since,
  );
  return { list: own.map((one) => commentView(hub.place(), repository, one)) };
}

function create(call: Call): Answer {
  const { hub, repository, body } = call;
  const { number, isLocked } = pullOf(call);
  const text = textIn(body, "IssueComment.body");
  if (text.trim() === "") {
    throw invalid("IssueComment", "body", "body can't be blank");
  }
  if (text.length > BODY_LENGTH_MAX) {
    const message = `Body is too long (maximum is ${BODY_LENGTH_MAX} characters)`;
    throw invalid("IssueComment", "body", message);
  }
  if (isLocked) {
    throw new GithubError(403, "Unable to create comment because issue is locked.");
  }
  const comment: Comment = {
    id: nextId(hub.state),
    repository: repository.id,
    pull: number,
    body: text,
    createdMs: hub.clock.now(),
  };
  hub.state.comments.set(String(comment.id), comment);
  return { status: 201, json: commentView(hub.place(), repository, comment) };
}
