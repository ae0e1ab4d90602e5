import type { Hono } from "hono";
import { html } from "hono/html";
import { asset, barePage, type Html, PAGE_HEADERS } from "../kit/bare-page.ts";
import { type Commit, type GithubState, type Hub, madeIn, type Repository } from "./state.ts";

/** How many commits of a repository are shown: the newest. */
const COMMITS_SHOWN_MAX = 50;

/** Serves a page that shows what was said of each commit. */
export function addPage(app: Hono, { state }: Hub): void {
  app.get("/page/style.css", () => asset(STYLE, "css"));
  app.get("/", (c) => c.html(pageOf(state), 200, PAGE_HEADERS));
}

function pageOf(state: GithubState): Html {
  const repositories = [...state.known.values()];
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
  const statuses = madeIn(state.commitStatuses, repository, sha).toReversed();
  const deployments = madeIn(state.deployments, repository, sha).toReversed();
  return html`<article>
    <h3>${message} <code>${sha.slice(0, 12)}</code></h3>
    <ul>
      ${statuses
        .filter(({ context }, at) => statuses.findIndex((one) => one.context === context) === at)
        .map(
          ({ state: at, context, description, target_url: url }) =>
            html`<li>
              <span class="state ${at}">${at}</span> <strong>${context}</strong> ${description}
              ${linkTo(url, "details")}
            </li>`,
        )}
    </ul>
    <ul>
      ${deployments.map(({ id, environment }) => {
        const newest = madeIn(state.deploymentStatuses, repository, id).at(-1);
        const at = newest?.state ?? "pending";
        return html`<li>
          <span class="state ${at}">${at.replace("_", " ")}</span> deployment to
          <strong>${environment}</strong> ${newest?.description ?? ""}
          ${linkTo(newest?.log_url ?? "", "log")}
          ${linkTo(newest?.environment_url ?? "", "view deployment")}
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
    .filter(({ hidden }) => hidden.repository === repository && hidden.commits.includes(sha))
    .flatMap(({ number }) => madeIn(state.comments, repository, number));
  return html`<ul>
    ${comments.map(({ hidden, body }) => {
      const shown = body.replaceAll(/<!--.*?-->/gs, "").trim();
      return html`<li>On pull request #${hidden.about}: <q>${shown}</q></li>`;
    })}
  </ul>`;
}

/** How the page looks, light and dark. Contrasts are 4.5 to 1 or more. */
const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --raised: #f6f8fa; --line: #d0d7de; --text: #1f2328; --quiet: #57606a; --link: #0757b5; --good: #116329; --bad: #a40e26; --busy: #7a4b00; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #0d1117; --raised: #161b22; --line: #30363d; --text: #e6edf3; --quiet: #9aa4af; --link: #79b8ff; --good: #56d364; --bad: #ff8b82; --busy: #e3b341; }
}
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; color: var(--text); background: var(--ground); overflow-wrap: anywhere; }
main { max-width: 60rem; margin: 0 auto; padding: 0 1rem 2rem; }
h2 { font-size: 1.15rem; margin: 1.5rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0; }
article { border: 1px solid var(--line); border-radius: 6px; padding: .75rem 1rem; margin: 0 0 .75rem; background: var(--raised); }
ul { list-style: none; margin: .4rem 0 0; padding: 0; }
ul:empty { display: none; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
code { font: .85em ui-monospace, "DejaVu Sans Mono", monospace; color: var(--quiet); font-weight: 400; }
.state { display: inline-block; border: 1px solid currentcolor; border-radius: 1rem; padding: 0 .6rem; font-size: .8rem; color: var(--quiet); }
.success { color: var(--good); }
.failure, .error { color: var(--bad); }
.queued, .pending, .in_progress { color: var(--busy); }
q { quotes: none; color: var(--quiet); }
`;
