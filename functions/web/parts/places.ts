import { html } from "hono/html";
import { attentionOf } from "../../../shared/domain/attention.ts";
import type { Attention } from "../../../shared/domain/attention.ts";
import { blocking, closedText } from "../../../shared/domain/gates/judge.ts";
import { holdsOn } from "../../../shared/domain/hold.ts";
import type { Promotion } from "../../../shared/domain/promotion.ts";
import { entryOf } from "../../../shared/domain/entry-of.ts";
import type { FailedPromotion } from "../../../shared/domain/failed-promotion.ts";
import type { Environment } from "../../../shared/domain/service.ts";
import { environmentState } from "../../../shared/domain/state.ts";
import type {
  EnvironmentState,
  PendingContract,
  ServiceState,
} from "../../../shared/domain/state.ts";
import { shorten } from "../../../shared/domain/text.ts";
import type { Instant } from "../../../shared/domain/time.ts";
import { badge, sign } from "./badges.ts";
import type { Sign } from "./badges.ts";
import { code, NOTHING, plain } from "./html.ts";
import type { Html } from "./html.ts";
import { moment } from "./moments.ts";

/** How much of a reason or a message a cell tells. */
const TOLD_LENGTH_MAX = 160;

/** How many holds and incidents a cell tells of one by one. */
const TOLD_MAX = 2;

/** What each thing to look at is called, and how it is marked. */
const WORDS: Readonly<Record<Attention, Sign>> = {
  incident: { tone: "bad", word: "Incident" },
  failed: { tone: "bad", word: "Failed" },
  drift: { tone: "odd", word: "Drift" },
  held: { tone: "stop", word: "Held" },
  waiting: { tone: "wait", word: "Waiting" },
  running: { tone: "busy", word: "Under way" },
  empty: { tone: "none", word: "Empty" },
};

/** An environment of a service, as it is at a moment. */
export type Place = {
  readonly state: ServiceState;
  readonly environment: Environment;
  readonly now: Instant;
};

/** Marks for what there is to look at in an environment; one for all being well where there is nothing. */
export function marks({ state, environment, now }: Place): Html {
  const all = attentionOf(state, environment, now);
  // Where something failed that nothing runs is no news, and is said below.
  const found = all.includes("failed") ? all.filter((one) => one !== "empty") : all;
  return found.length === 0
    ? badge("good", "Runs")
    : html`${found.map((attention) => sign(WORDS[attention]))}`;
}

/** What runs in an environment and since when, and what is to be said of it. */
export function placeText(place: Place): Html {
  const { state, environment, now } = place;
  const known = environmentState(state, environment.id);
  const { current } = known;
  const runs =
    current === null
      ? NOTHING
      : html`<div class="runs">
          ${code(current.tag ?? current.release)}
          <span class="quiet">${moment(current.since, now)}</span>
        </div>`;
  return html`${runs}
    <div class="marks">${marks(place)}</div>
    ${notes(known, place)}`;
}

function notes(known: EnvironmentState, { state, environment, now }: Place): Html {
  const { active, waiting, current, drift, incidents, contract } = known;
  const failed = entryOf(state.failed, environment.id);
  const holds = holdsOn(state, environment.id, now);
  const open = incidents.kind === "read" ? incidents.open : [];
  const lines = [
    ...(active === null ? [] : [underWay(active)]),
    ...(failed === undefined ? [] : [failure(failed, current === null)]),
    ...waiting.slice(0, 1).map((promotion) => waits(promotion, waiting.length)),
    ...open
      .slice(0, TOLD_MAX)
      .map(({ policy, openedAt }) => html`${plain(told(policy))} since ${moment(openedAt, now)}`),
    // Whoever waits for a hold says so already.
    ...(waiting.length > 0 ? [] : holds.slice(0, TOLD_MAX)).map(
      ({ by, reason }) => html`held by ${plain(by)}: ${plain(told(reason))}`,
    ),
    ...(contract === null ? [] : [html`migration ${code(contract.job)} ${migrates(contract)}`]),
    ...(drift === null ? [] : [html`${code(told(drift.running))} runs, which nobody promoted`]),
  ];
  return lines.length === 0
    ? NOTHING
    : html`<ul class="notes">
        ${lines.map((line) => html`<li>${line}</li>`)}
      </ul>`;
}

/** What failed, with a link to it, and whether anything runs at all. */
function failure(
  { promotion, release, tag, reason }: FailedPromotion,
  isNothingThere: boolean,
): Html {
  const nothing = isNothingThere ? html`nothing runs yet; ` : NOTHING;
  return html`${nothing}${code(tag ?? release)} <a href="/promotions/${promotion}">failed</a>:
    ${plain(told(reason))}`;
}

/** How a migration stands that follows a deployment. */
function migrates({ startedBy, execution }: PendingContract): Html {
  if (startedBy !== null) {
    return html`runs, started by ${plain(startedBy)}`;
  }
  return execution === null ? html`waits to be started` : html`failed, and may be started again`;
}

function told(text: string): string {
  return shorten(text, TOLD_LENGTH_MAX);
}

/** Which step of a promotion runs, with a link to it. */
export function underWay({ id, steps }: Promotion): Html {
  const step = steps.find(({ state }) => state === "RUNNING");
  const at = steps.filter(({ state }) => state !== "PENDING").length;
  const what = step === undefined ? "goes on" : `step ${at} of ${steps.length}, ${step.name}`;
  return html`<a href="/promotions/${id}">under way</a>: ${what}`;
}

function waits(promotion: Promotion, count: number): Html {
  const more = count > 1 ? ` (and ${count - 1} more)` : "";
  return html`<a href="/promotions/${promotion.id}">waits</a>${more}: ${plain(waitsFor(promotion))}`;
}

/** What a promotion waits for, in a sentence. */
export function waitsFor({ gates, breakGlass }: Promotion): string {
  const closed = closedText(blocking(gates, breakGlass));
  return told(closed === "" ? "its turn" : closed);
}
