import type { Context as HonoContext, Hono } from "hono";
import { html } from "hono/html";
import { barePage, type Html } from "../kit/bare-page.ts";
import type { Hub } from "./call.ts";
import { newestStatuses } from "./commits.ts";
import { STYLE } from "./style.ts";
import { type Commit, type GithubState, type Repository, statusesOf } from "./state.ts";

/** The page has no script, and asks nothing of anybody else. */
const HEADERS = {
  "content-security-policy":
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
} as const;

/** How many commits of a repository are shown: the newest. */
const COMMITS_SHOWN_MAX = 50;

/** Serves a page that shows what was said of each commit. */
export function addPage(app: Hono, { state }: Hub): void {
  app.get("/page/style.css", () => {
    const headers = { ...HEADERS, "content-type": "text/css; charset=utf-8" };
    return new Response(STYLE, { headers });
  });
  app.get("/", (c: HonoContext) => c.html(pageOf(state), 200, HEADERS));
}

function pageOf(state: GithubState): Html {
  const repositories = [...state.repositories.values()];
  return barePage(
    "Local GitHub",
    repositories.length === 0
      ? html`<p>
          Nothing was told yet. A service whose delivery.notify has github: true tells of each image
          whose label names a commit.
        </p>`
      : repositories.map((one) => repositoryPart(state, one)),
  );
}

function repositoryPart(state: GithubState, repository: Repository): Html {
  const commits = [...state.commits.values()]
    .filter((one) => one.repository === repository.id)
    .toReversed()
    .slice(0, COMMITS_SHOWN_MAX);
  return html`<section>
    <h2>${repository.owner}/${repository.name}</h2>
    ${commits.map((commit) => commitPart(state, commit))}
  </section>`;
}

function commitPart(state: GithubState, commit: Commit): Html {
  const { repository, sha, message } = commit;
  const deployments = [...state.deployments.values()]
    .filter((one) => one.repository === repository && one.sha === sha)
    .toReversed();
  return html`<article>
    <h3>${message} <code>${sha.slice(0, 12)}</code></h3>
    <ul>
      ${newestStatuses(state, repository, sha).map(
        ({ state: at, context, description, targetUrl }) =>
          html`<li>
            <span class="state ${at}">${at}</span> <strong>${context}</strong> ${description ?? ""}
            ${linkTo(targetUrl ?? "", "details")}
          </li>`,
      )}
    </ul>
    <ul>
      ${deployments.map(({ id, environment }) => {
        const newest = statusesOf(state, id)[0];
        const at = newest?.state ?? "pending";
        return html`<li>
          <span class="state ${at}">${at.replace("_", " ")}</span> deployment to
          <strong>${environment}</strong> ${newest?.description ?? ""}
          ${linkTo(newest?.logUrl ?? "", "log")}
          ${linkTo(newest?.environmentUrl ?? "", "view deployment")}
        </li>`;
      })}
    </ul>
    ${pullsPart(state, commit)}
  </article>`;
}

function linkTo(url: string, text: string): Html {
  return url === "" ? html`` : html`<a href="${url}">${text}</a>`;
}

function pullsPart(state: GithubState, { repository, sha }: Commit): Html {
  const comments = [...state.pulls.values()]
    .filter((one) => one.repository === repository && one.commits.includes(sha))
    .flatMap(({ number }) =>
      [...state.comments.values()].filter(
        (one) => one.repository === repository && one.pull === number,
      ),
    );
  return html`<ul>
    ${comments.map(({ pull, body }) => {
      const shown = body.replaceAll(/<!--.*?-->/gs, "").trim();
      return html`<li>On pull request #${pull}: <q>${shown}</q></li>`;
    })}
  </ul>`;
}
