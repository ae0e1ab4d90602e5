import { html } from "hono/html";
import type { z } from "zod";
import type { Instant } from "../../../shared/domain/time.ts";
import type { PromotionPreview, RollbackPreview } from "../../../shared/wire/api/changes.ts";
import type { DataLossView, RestoreView } from "../../../shared/wire/api/recovery.ts";
import { badge, sign } from "../parts/badges.ts";
import type { Sign } from "../parts/badges.ts";
import { changesText } from "../parts/changes.ts";
import { gateTable } from "../parts/gates.ts";
import { code, NOTHING, plain } from "../parts/html.ts";
import type { Html } from "../parts/html.ts";
import { idText } from "../parts/ids.ts";
import { moment } from "../parts/moments.ts";
import type { Preview } from "./act.ts";

/** A promotion as it would be. It is confirmed for the release that was shown, whatever comes to the stage before. */
export function promotePreview(
  { state, release, environment, gates, steps, changes }: z.output<typeof PromotionPreview>,
  now: Instant,
): Preview {
  const would =
    state === "WAITING"
      ? html`${badge("wait", "It would wait")} until every gate is open.`
      : html`${badge("busy", "It would start")} at once.`;
  return {
    body: html`<p>${idText(release)} into ${plain(environment)}. ${would}</p>
      ${gateTable(gates, now)}
      <p>Its steps: ${steps.map(({ name }) => name).join(", ")}.</p>
      <h2>What goes there</h2>
      ${changes === null ? NOTHING : changesText(changes, now)}`,
    fixed: { release },
    canGoOn: true,
  };
}

const VERDICTS: Readonly<Record<string, Sign>> = {
  safe: { tone: "good", word: "Safe" },
  "needs-data-restore": { tone: "wait", word: "Safe only with its data" },
  unsafe: { tone: "bad", word: "Unsafe" },
};

/** How a verdict on going back is shown. */
export function verdictSign(verdict: string): Html {
  return sign(VERDICTS[verdict] ?? { tone: "bad", word: verdict });
}

/** Whether going back is safe, and what it would take away. */
export function rollbackPreview(
  judged: z.output<typeof RollbackPreview>,
  { now, restoresData }: { readonly now: Instant; readonly restoresData: boolean },
): Preview {
  const { verdict, release, reasons, backups, dataLoss, changes } = judged;
  const loss = dataLoss === null ? NOTHING : lossText(dataLoss, now);
  const body = html`<p>
      ${verdictSign(verdict)}${release === null ? NOTHING : html` back to ${idText(release)}`}
    </p>
    ${sentences(reasons)} ${restoresData ? loss : NOTHING}
    ${
      backups.length === 0
        ? NOTHING
        : html`<p>Data that can come back with it:</p>
            <ul>
              ${backups.map(({ backup, into }) => html`<li>${idText(backup)} into ${code(into)}</li>`)}
            </ul>`
    }
    ${changes === null ? NOTHING : changesText(changes, now)}`;
  const isSafe = verdict === "safe" || (verdict === "needs-data-restore" && restoresData);
  return {
    body,
    ...(release !== null && { fixed: { release } }),
    canGoOn: isSafe,
  };
}

/** What a restore would bring back, and lose. */
export function restorePreview(
  { restores, dataLoss, environment }: z.output<typeof RestoreView>,
  now: Instant,
): Preview {
  return {
    body: html`${lossText(dataLoss, now)}
      <ul>
        ${restores.map(({ backup, into }) => html`<li>${idText(backup)} into ${code(into)}</li>`)}
      </ul>
      <p>It goes into ${plain(environment)}.</p>`,
    canGoOn: true,
  };
}

/** What is lost, first and in full, with how long ago that data is from. */
function lossText({ message, since }: z.output<typeof DataLossView>, now: Instant): Html {
  return html`<p class="problem">Data would be lost: ${plain(message)}.</p>
    <p>That data is from ${moment(since, now)}.</p>`;
}

function sentences(told: readonly string[]): Html {
  return told.length === 0
    ? NOTHING
    : html`<ul>
        ${told.map((sentence) => html`<li>${plain(sentence)}</li>`)}
      </ul>`;
}
