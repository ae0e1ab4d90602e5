import { html } from "hono/html";
import { isEnded } from "../../../shared/domain/promotion.ts";
import type { Promotion, PromotionState, StepState } from "../../../shared/domain/promotion.ts";
import type { Instant } from "../../../shared/domain/time.ts";
import { between } from "../../../shared/domain/time.ts";
import { sign } from "./badges.ts";
import type { Sign } from "./badges.ts";
import { NOTHING, plain } from "./html.ts";
import type { Html } from "./html.ts";
import { idText } from "./ids.ts";
import { lengthInWords, stamp } from "./moments.ts";
import { waitsFor } from "./places.ts";
import { table } from "./table.ts";

const STATES: Readonly<Record<PromotionState, Sign>> = {
  WAITING: { tone: "wait", word: "Waiting" },
  RUNNING: { tone: "busy", word: "Under way" },
  SUCCEEDED: { tone: "good", word: "Succeeded" },
  FAILED: { tone: "bad", word: "Failed" },
  CANCELLED: { tone: "none", word: "Cancelled" },
  REJECTED: { tone: "bad", word: "Rejected" },
  SUPERSEDED: { tone: "none", word: "Superseded" },
  ROLLED_BACK: { tone: "odd", word: "Rolled back" },
};

const STEP_STATES: Readonly<Record<StepState, Sign>> = {
  PENDING: { tone: "none", word: "To come" },
  RUNNING: { tone: "busy", word: "Under way" },
  SUCCEEDED: { tone: "good", word: "Done" },
  FAILED: { tone: "bad", word: "Failed" },
  SKIPPED: { tone: "none", word: "Skipped" },
};

/** How a promotion stands. */
export function stateBadge(state: PromotionState): Html {
  return sign(STATES[state]);
}

/** A promotion's steps with their times and messages. */
export function stepTable({ steps, state: standing }: Promotion, now: Instant): Html {
  return table({
    caption: "Steps",
    className: "steps",
    keys: steps.map(({ name }) => name),
    headings: ["Step", "State", "Began", "Took", "Message"],
    rows: steps.map(({ name, state, startedAt, endedAt, message }) => [
      plain(name),
      sign(state === "RUNNING" && standing === "WAITING" ? STATES.WAITING : STEP_STATES[state]),
      startedAt === null ? NOTHING : stamp(startedAt, now),
      startedAt === null ? NOTHING : html`${lengthInWords(between(startedAt, endedAt ?? now))}`,
      toldWhole(message ?? ""),
    ]),
  });
}

/** Texts up to this length have two lines in a narrow window. */
const TWO_LINES_LENGTH = 56;

/** Whether a page that changes by itself cuts a text off until somebody points at it or goes there. */
export function isLong(text: string): boolean {
  return text.length > TWO_LINES_LENGTH;
}

function toldWhole(text: string): Html {
  return isLong(text) ? html`<div class="told" tabindex="0">${plain(text)}</div>` : plain(text);
}

/** Promotions, each with where it goes, how it stands and by whom it was asked for. */
export function promotionTable(promotions: readonly Promotion[], now: Instant): Html {
  return table({
    caption: "Promotions, the newest first",
    empty: "There is none yet.",
    headings: ["Promotion", "To", "State", "Asked for", "By", "Message"],
    keys: promotions.map(({ id }) => id),
    rows: promotions.map((promotion) => [
      html`<a href="/promotions/${promotion.id}">${plain(promotion.kind)}</a>
        <div class="quiet">${idText(promotion.release)}</div>`,
      plain(promotion.environment),
      stateBadge(promotion.state),
      stamp(promotion.createdAt, now),
      plain(promotion.requestedBy),
      plain(lastWords(promotion)),
    ]),
  });
}

/** What a promotion waits for, or the last message of its steps. */
export function lastWords(promotion: Promotion): string {
  if (promotion.state === "WAITING") {
    return waitsFor(promotion);
  }
  const told = promotion.steps.findLast(({ message }) => message !== null);
  return isEnded(promotion) && promotion.state === "SUCCEEDED" ? "" : (told?.message ?? "");
}
