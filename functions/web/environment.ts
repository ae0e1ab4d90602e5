import { html } from "hono/html";
import type { Hono } from "hono";
import { listBackups } from "../../shared/app/backups.ts";
import { sourceName } from "../../shared/domain/backup.ts";
import type { Backup } from "../../shared/domain/backup.ts";
import { environmentState } from "../../shared/domain/state.ts";
import type { Instant } from "../../shared/domain/time.ts";
import { placeNamed } from "../requests/context.ts";
import type { RequestContext, RequestEnvironment } from "../requests/context.ts";
import { explainAt } from "../requests/explain.ts";
import type { Target } from "../requests/promote.ts";
import { restoreTargets } from "../requests/restore.ts";
import { adviceText } from "./advice.ts";
import { show } from "./layout.ts";
import { changesText } from "./parts/changes.ts";
import { gateTable } from "./parts/gates.ts";
import { arrivalText } from "./parts/arrivals.ts";
import { NOTHING, plain } from "./parts/html.ts";
import type { Html } from "./parts/html.ts";
import { copyable, idText } from "./parts/ids.ts";
import { moment, stamp } from "./parts/moments.ts";
import { placeText } from "./parts/places.ts";
import { table } from "./parts/table.ts";
import { placeLinks } from "./service.ts";
import { serviceTrail } from "./trails.ts";

/** How many backups an environment's page lists. */
const BACKUPS_LISTED_COUNT = 10;

/** Adds the page of an environment: why the newest release is there or not, what would come with it, and its backups. */
export function addEnvironment(app: Hono<RequestEnvironment>): void {
  app.get("/services/:service/environments/:environment", async (context) => {
    const target = await placeNamed(context, context.req.param());
    const { seen, environment } = target;
    const { state } = seen;
    const now = context.get("wiring").ports.clock.now();
    const [explained, acts, backups] = await Promise.all([
      explainAt(context, target, context.req.query("release")),
      placeLinks(context, state, environment),
      backupsText(context, target, now),
    ]);
    const { told, advice } = explained;
    const { summary, expected, gates, changes } = told;
    const body = html`<div class="stage">${placeText({ state, environment, now })} ${acts}</div>
      <h2>Why</h2>
      <p>${plain(`${summary.slice(0, 1).toUpperCase()}${summary.slice(1)}.`)}</p>
      ${arrivalText(expected, now)} ${gateTable(gates, now)}
      ${await adviceText(context, target, advice)}
      <h2 id="changes">What goes there</h2>
      ${changes === null ? html`<p class="quiet">Nothing.</p>` : changesText(changes, now)}
      ${incidentsText(target, now)} ${backups}`;
    return show(context, {
      title: `${state.service.name}, ${environment.id}`,
      part: "Overview",
      trail: serviceTrail(state),
      body,
    });
  });
}

function incidentsText({ seen, environment }: Target, now: Instant): Html {
  const { incidents } = environmentState(seen.state, environment.id);
  switch (incidents.kind) {
    case "never":
      return NOTHING;
    case "unreadable":
      return html`<h2>Incidents</h2>
        <p class="problem">They cannot be read: ${plain(incidents.reason)}</p>`;
    case "read":
      return html`<h2>Incidents</h2>
        ${
          incidents.open.length === 0
            ? html`<p class="quiet">None was open ${moment(incidents.at, now)}.</p>`
            : table({
                caption: "Open incidents",
                headings: ["Alert", "Severity", "Since"],
                rows: incidents.open.map(({ policy, severity, openedAt }) => [
                  plain(policy),
                  plain(severity),
                  stamp(openedAt, now),
                ]),
              })
        }`;
  }
}

async function backupsText(
  context: RequestContext,
  { seen, environment }: Target,
  now: Instant,
): Promise<Html> {
  const { ports } = context.get("wiring");
  const request = { pageSize: BACKUPS_LISTED_COUNT, pageToken: "", environment };
  const [{ items }, targets] = await Promise.all([
    listBackups(ports, seen.state, request),
    restoreTargets(context, { seen, environment }),
  ]);
  const path = `/services/${seen.state.service.id}/environments/${environment.id}/restore`;
  return items.length === 0
    ? NOTHING
    : html`<h2>Backups</h2>
        ${table({
          caption: "Backups, the newest first",
          headings: ["Backup", "Of", "State", "Began", "Release", "Actions"],
          rows: items.map((backup) =>
            backupRow(backup, { now, restore: targets.length > 0 ? path : null }),
          ),
        })}`;
}

function backupRow(
  { id: backup, source, state, startedAt, release }: Backup,
  { now, restore }: { readonly now: Instant; readonly restore: string | null },
): readonly Html[] {
  return [
    copyable(backup),
    plain(sourceName(source)),
    plain(state.toLowerCase()),
    stamp(startedAt, now),
    release === null ? NOTHING : idText(release),
    restore === null || state !== "SUCCEEDED"
      ? NOTHING
      : html`<a href="${restore}?backup=${backup}"
          >Restore<span class="unseen"> ${plain(backup)}</span></a
        >`,
  ];
}
