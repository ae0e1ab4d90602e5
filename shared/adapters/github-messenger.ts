import { PermanentError, TransientError } from "../ports/errors.ts";
import type { Answer, Messenger } from "../ports/notices.ts";
import { githubClient } from "./github-client.ts";
import type { CallGithub, GithubOptions } from "./github-client.ts";
import { commentOnPulls } from "./github-comments.ts";
import { leaveOthers, sayOfCommit, showDeployment } from "./github-deployments.ts";
import type { Made } from "./github-deployments.ts";
import { GithubRefusal } from "./github-refusal.ts";
import { wishOf } from "./github-wish.ts";
import type { Wish } from "./github-wish.ts";

/**
 * Shows promotions on GitHub: each is a deployment of its release's commit, which stands there as the promotion stands
 * now, and the commit says the same. GitHub takes no key with what is made, so each is looked for before it is made: the
 * deployment by the promotion's id in its payload, a status by what it says, a comment by a mark in it.
 * Source: https://docs.github.com/rest/deployments
 */
export function githubMessenger({
  host,
  ...options
}: GithubOptions & {
  /** The host of the repositories, such as `github.com`. */
  readonly host: string;
}): Messenger<"github"> {
  const call = githubClient(options);
  return {
    can: { keepsCurrent: true, knowsRepeats: true, namesCommits: true },
    tell: async (_channel, message) => {
      const { thread } = message;
      const wished = message.isFollowed ? NOTHING : wishOf(message, host);
      switch (wished.kind) {
        case "nothing":
          return { kind: "told", thread };
        case "impossible":
          return { kind: "refused", reason: `not shown on GitHub: ${wished.reason}` };
        case "deployment":
          return show(call, wished.wish, thread);
      }
    },
  };
}

const NOTHING = { kind: "nothing" } as const;

/** What was made is remembered, also where the rest has to come later. */
async function show(call: CallGithub, wish: Wish, thread: string | null): Promise<Answer> {
  let remembered = thread;
  const remember = ({ id, sha }: Made): void => {
    remembered = `${id} ${sha}`;
  };
  try {
    const made = await showDeployment(call, wish, { known: readMade(thread), remember });
    await sayOfCommit(call, wish, { sha: made.sha, shown: wish.shown, page: wish.page });
    if (wish.shown.state === "success") {
      await leaveOthers(call, wish, made);
    }
    const problem = await commentOnPulls(call, wish);
    return problem === null
      ? { kind: "told", thread: remembered }
      : { kind: "refused", reason: problem };
  } catch (error) {
    if (error instanceof GithubRefusal && error.kind === "invalid") {
      return { kind: "refused", reason: error.message };
    }
    if (error instanceof PermanentError || error instanceof TransientError) {
      const wait = error instanceof GithubRefusal ? error.wait : null;
      return { kind: "later", reason: error.message, wait, thread: remembered };
    }
    throw error;
  }
}

function readMade(thread: string | null): Made | null {
  const [id = "", sha = ""] = (thread ?? "").split(" ");
  return /^\d+$/.test(id) && sha !== "" ? { id: Number(id), sha } : null;
}
