import type { BuildSource } from "../service.ts";
import { readRepository } from "./repository.ts";

/** What a full or shortened commit looks like. */
const COMMIT = /^[0-9a-f]{7,64}$/i;

/**
 * Each host's page that compares two commits, the earlier first. The pages of GitHub and GitLab start from the last
 * commit that both have in common, so they also work where a branch was rewritten.
 * Sources: https://docs.github.com/pull-requests/committing-changes-to-your-project/viewing-and-comparing-commits/comparing-commits,
 * https://docs.gitlab.com/user/project/repository/compare_revisions/,
 * https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/ (`links.html` of a push)
 */
const PAGES: ReadonlyMap<string, (path: string, from: string, to: string) => string> = new Map([
  ["github.com", (path, from, to) => `https://github.com/${path}/compare/${from}...${to}`],
  ["gitlab.com", (path, from, to) => `https://gitlab.com/${path}/-/compare/${from}...${to}`],
  [
    "bitbucket.org",
    (path, from, to) => `https://bitbucket.org/${path}/branches/compare/${to}..${from}`,
  ],
]);

/** The page of the source's host that compares two commits, or why there is none. */
export type Comparison =
  | { readonly kind: "page"; readonly url: string }
  | { readonly kind: "none"; readonly reason: string };

/** Where the change from one commit to another can be read. */
export function compareCommits(
  source: BuildSource | null,
  from: string | null,
  to: string | null,
): Comparison {
  if (source === null) {
    return none("service.yaml names no build.source.repo, so there is no link to a comparison");
  }
  const page = pageOf(source.repo);
  if (page === null) {
    return none(`Slipway cannot link to a comparison on the host of ${source.repo}`);
  }
  if (from === null || to === null) {
    return none("the commit of an image is not known, so there is no link to a comparison");
  }
  if (!COMMIT.test(from) || !COMMIT.test(to)) {
    return none(
      "an image gives something as its commit that is no commit, so there is no link to a comparison",
    );
  }
  return from.toLowerCase() === to.toLowerCase()
    ? none(`both images are of commit ${to}: the same source was built again`)
    : { kind: "page", url: page(from, to) };
}

function pageOf(repository: string): ((from: string, to: string) => string) | null {
  const read = readRepository(repository);
  const page = PAGES.get(read?.host ?? "");
  return read === null || page === undefined ? null : (from, to) => page(read.path, from, to);
}

function none(reason: string): Comparison {
  return { kind: "none", reason };
}
