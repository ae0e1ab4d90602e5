import { html } from "hono/html";
import type { MigrationPlan } from "../../../shared/app/migration.ts";
import { asPromotionId } from "../../../shared/domain/ids.ts";
import type { Environment } from "../../../shared/domain/service.ts";
import { previewMigration, startMigration } from "../../requests/migrations.ts";
import type { RequestContext } from "../../requests/context.ts";
import type { Target } from "../../requests/promote.ts";
import { badge } from "../parts/badges.ts";
import { code, NOTHING, plain } from "../parts/html.ts";
import type { Html } from "../parts/html.ts";
import { idText } from "../parts/ids.ts";
import { placeText } from "../parts/places.ts";
import { table } from "../parts/table.ts";
import { environmentTrail } from "../trails.ts";
import type { Act } from "./act.ts";
import { verdictSign } from "./previews.ts";

/** Starting the migration that waits for a person: its page says first whether it can be undone, and what it does to the way back. */
export async function migrateAct(context: RequestContext, target: Target): Promise<Act> {
  const { seen, environment } = target;
  const { state } = seen;
  const plan = await previewMigration(context, target);
  const { promotion, reversible } = plan.pending;
  const now = context.get("wiring").ports.clock.now();
  return {
    title: `Migrate ${state.service.name} in ${environment.id}`,
    trail: environmentTrail(state, environment),
    intro: html`${undoText(plan)} ${wayBackTable(plan)} ${jobText(plan, environment)}
      <h2>As it is now</h2>
      <div class="stage">${placeText({ state, environment, now })}</div>`,
    fields: [],
    // Whatever waits there by the time the form is sent: only what was shown is started.
    fixed: { promotion },
    verb: "Start the migration",
    isDangerous: !reversible,
    preview: null,
    perform: async (form) => {
      await startMigration(context, target, asPromotionId(form["promotion"] ?? ""));
      return `/services/${state.service.id}`;
    },
  };
}

function undoText({ pending: { reversible } }: MigrationPlan): Html {
  return reversible
    ? html`<p>
        ${badge("good", "Can be undone")} Releases from before it run with the data as it is
        afterwards.
      </p>`
    : html`<p>
        ${badge("bad", "Cannot be undone")} It takes away what releases from before it need. From
        then on a rollback to one of them must bring back older data as well.
      </p>`;
}

/** Going back as it is, and as it will be: what somebody gives away who starts the migration. */
function wayBackTable({ wayBack }: MigrationPlan): Html {
  const rows = [
    { when: "As it is now", verdict: wayBack.now },
    { when: "Once it has run", verdict: wayBack.after },
  ];
  return table({
    caption: "The way back",
    headings: ["Going back", "Verdict", "To", "Why"],
    rows: rows.map(({ when, verdict: { verdict, release, reasons } }) => [
      plain(when),
      verdictSign(verdict),
      release === null ? NOTHING : idText(release),
      plain(reasons.join("; ")),
    ]),
  });
}

function jobText({ pending }: MigrationPlan, { project, region }: Environment): Html {
  const { job, release, promotion, execution } = pending;
  const failed =
    execution === null
      ? NOTHING
      : html`<p class="problem">
          It failed before: ${plain(execution.message ?? "no reason given")}. Starting it runs it
          again.
        </p>`;
  return html`${failed}
    <p>
      It runs the job ${code(job)} in ${plain(project)}, ${plain(region)}, for ${idText(release)} of
      <a href="/promotions/${promotion}">this promotion</a>. No promotion waits for it.
    </p>`;
}
