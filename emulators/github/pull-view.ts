import { repositoryView } from "./repository-view.ts";
import type { Pull, Repository } from "./state.ts";
import { nodeId, type Place, repositoryUrl, timeText, userView } from "./views.ts";

/** What a pull request links to, by name. */
const LINKS = [
  "self",
  "html",
  "issue",
  "comments",
  "commits",
  "review_comment",
  "review_comments",
  "statuses",
] as const;

/** A pull request, as it is listed. Source: https://docs.github.com/rest/commits/commits */
export function pullView(
  place: Place,
  repository: Repository,
  one: Pull,
): Readonly<Record<string, unknown>> {
  const at = `${repositoryUrl(place, repository)}/pulls/${one.number}`;
  const issue = `${repositoryUrl(place, repository)}/issues/${one.number}`;
  const html = `${place.url}/${repository.owner}/${repository.name}/pull/${one.number}`;
  const merged = one.mergedMs === null ? null : timeText(one.mergedMs);
  const sha = one.commits.at(-1) ?? "";
  const user = userView(place, "ann", "User");
  const repo = repositoryView(place, repository);
  return {
    id: one.number,
    node_id: nodeId("PR", one.number),
    number: one.number,
    title: one.title,
    body: null,
    state: merged === null ? "open" : "closed",
    locked: one.isLocked,
    user,
    url: at,
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issue,
    comments_url: `${issue}/comments`,
    commits_url: `${at}/commits`,
    review_comments_url: `${at}/comments`,
    review_comment_url: `${repositoryUrl(place, repository)}/pulls/comments{/number}`,
    statuses_url: `${repositoryUrl(place, repository)}/statuses/${sha}`,
    merge_commit_sha: sha,
    merged_at: merged,
    closed_at: merged,
    created_at: timeText(0),
    updated_at: timeText(one.mergedMs ?? 0),
    assignee: null,
    labels: [],
    milestone: null,
    author_association: "CONTRIBUTOR",
    auto_merge: null,
    _links: Object.fromEntries(LINKS.map((name) => [name, { href: at }])),
    head: { label: `${repository.owner}:change`, ref: "change", sha, user, repo },
    base: { label: `${repository.owner}:main`, ref: "main", sha, user, repo },
  };
}
