import type { Call, Hub } from "./call.ts";
import {
  type Commit,
  type CommitStatus,
  findCommit,
  type GithubState,
  nextId,
  type Repository,
} from "./state.ts";

/** What a commit's whole name looks like. */
export const SHA = /^[0-9a-f]{40}$/;

/** The commit that a call names; one that is not there is made where the hub makes them. Undefined where there is none. */
export function commitNamed({ hub, repository }: Call, ref: string): Commit | undefined {
  const found = findCommit(hub.state, repository.id, ref);
  const isMakeable = hub.makesCommits && /^[0-9a-f]{7,40}$/.test(ref);
  return found ?? (isMakeable ? makeChange(hub, repository, ref) : undefined);
}

/** A commit that a pull request brought, whose whole name begins with what is known of it. */
function makeChange(hub: Hub, repository: Repository, ref: string): Commit {
  const { state, clock } = hub;
  const sha = ref.padEnd(40, "0");
  const number = nextId(state);
  const commit = { repository: repository.id, sha, message: `Change ${ref.slice(0, 7)}` };
  state.commits.set(`${repository.id} ${sha}`, commit);
  state.pulls.set(`${repository.id} ${number}`, {
    repository: repository.id,
    number,
    title: commit.message,
    commits: [sha],
    mergedMs: clock.now(),
    isLocked: false,
  });
  return commit;
}

/** What each context says of a commit now, the newest first. */
export function newestStatuses(
  { commitStatuses }: GithubState,
  repository: number,
  sha: string,
): readonly CommitStatus[] {
  const all = [...commitStatuses.values()]
    .filter((one) => one.repository === repository && one.sha === sha)
    .toReversed();
  return all.filter(
    ({ context }, index) => all.findIndex((one) => one.context === context) === index,
  );
}
