import { entryOf } from "../entry-of.ts";
import { blocking } from "../gates/judge.ts";
import type { GateReport } from "../gates/verdict.ts";
import { isEnded, stepOf } from "../promotion.ts";
import type { Promotion, Step, StepName } from "../promotion.ts";
import { environmentState, findEnvironment } from "../state.ts";
import type { ServiceState } from "../state.ts";
import { middleOf } from "../steps/pace.ts";
import type { Pace } from "../steps/pace.ts";
import { after, between, duration, lengthText } from "../time.ts";
import type { Duration, Instant } from "../time.ts";

/** When a promotion will probably be where it goes, or why that cannot be told. */
export type Arrival =
  | {
      readonly kind: "expected";
      /** When the release will run there, or the data be back; null once it does. */
      readonly thereAt: Instant | null;
      /** When the last step will be done. */
      readonly doneAt: Instant;
    }
  | { readonly kind: "unknown"; readonly reason: string };

/**
 * When an open promotion will probably be there: once its closed gates open by themselves and each step that is left
 * has taken as long as it usually does. Null for a promotion that has ended.
 */
export function arrivalOf(state: ServiceState, promotion: Promotion, now: Instant): Arrival | null {
  if (isEnded(promotion)) {
    return null;
  }
  const start = startOf(state, promotion, now);
  return typeof start === "string"
    ? { kind: "unknown", reason: start }
    : alongSteps(state, promotion, { now, start });
}

/** From when on the steps go on, or why nobody knows. */
function startOf(state: ServiceState, promotion: Promotion, now: Instant): Instant | string {
  if (promotion.isStopping) {
    return "it was told to stop";
  }
  if (promotion.rolloutApproval === "awaited") {
    return "Cloud Deploy waits for somebody to approve the rollout";
  }
  // Between two steps the gates are judged again, and may be closed.
  const isGated = !promotion.steps.some((step) => step.state === "RUNNING" && !isGateStep(step));
  const closed = isGated ? blocking(promotion.gates, promotion.breakGlass) : [];
  let start = now;
  for (const report of closed) {
    const opens = opensAt(state, promotion, { report, now });
    if (typeof opens === "string") {
      return opens;
    }
    start = opens > start ? opens : start;
  }
  return start;
}

function isGateStep({ name }: Step): boolean {
  return name === "gates" || name === "approval";
}

function opensAt(
  state: ServiceState,
  promotion: Promotion,
  { report, now }: { readonly report: GateReport; readonly now: Instant },
): Instant | string {
  const { gate, verdict } = report;
  if (verdict.kind === "CLOSED" && verdict.opensAt !== null) {
    return verdict.opensAt;
  }
  if (gate === "busy") {
    return endOfOther(state, promotion, now);
  }
  return gate === "approval"
    ? "somebody has to approve it"
    : `nobody knows when the gate ${gate} opens`;
}

/** When the promotion ends that is under way in the environment, if that is known and no other comes before. */
function endOfOther(state: ServiceState, promotion: Promotion, now: Instant): Instant | string {
  const { active, waiting } = environmentState(state, promotion.environment);
  if (active === null || active.id === promotion.id) {
    return "a rollout is under way that no promotion asked for";
  }
  if (waiting.findIndex(({ id }) => id === promotion.id) > 0) {
    return "other promotions wait before it";
  }
  const other = arrivalOf(state, active, now);
  return other?.kind === "expected" ? other.doneAt : `promotion ${active.id} is under way`;
}

/** Adds up how long the steps that are left will take. */
function alongSteps(
  state: ServiceState,
  promotion: Promotion,
  { now, start }: { readonly now: Instant; readonly start: Instant },
): Arrival {
  let at = start;
  let thereAt: Instant | null = null;
  for (const step of promotion.steps) {
    const left = leftOf(state, promotion, { step, now });
    if (typeof left === "string") {
      return { kind: "unknown", reason: left };
    }
    at = after(at, left);
    thereAt = step.name === arrivingStep(promotion) && step.state !== "SUCCEEDED" ? at : thereAt;
  }
  return { kind: "expected", thereAt, doneAt: at };
}

/** The step after which the promotion is where it goes. */
function arrivingStep(promotion: Promotion): StepName {
  return stepOf(promotion, "rollout") === null ? "restore" : "rollout";
}

const NOTHING = duration(0);

/** How long a step will still take, or why nobody knows. */
function leftOf(
  state: ServiceState,
  promotion: Promotion,
  { step, now }: { readonly step: Step; readonly now: Instant },
): Duration | string {
  if (isGateStep(step) || step.state === "SUCCEEDED" || step.state === "SKIPPED") {
    return NOTHING;
  }
  const pace = paceOf(state, promotion, step.name);
  const usual = middleOf(pace);
  if (usual === null) {
    return `nothing of this service has gone through the step ${step.name} yet`;
  }
  const taken = step.startedAt === null ? NOTHING : between(step.startedAt, now);
  const longest = duration(Math.max(...pace));
  if (taken <= usual) {
    return duration(usual - taken);
  }
  return taken <= longest
    ? duration(longest - taken)
    : `the step ${step.name} has run for longer than the ${lengthText(longest)} that it has lately taken at most`;
}

/** How long a step lately took in the environment; where it never ran there, in the service's other environments. */
function paceOf(state: ServiceState, { environment }: Promotion, name: StepName): Pace {
  if (name === "bake") {
    const bake = findEnvironment(state.service, environment)?.policy.verify?.bake;
    return bake === undefined ? [] : [bake];
  }
  const own = entryOf(environmentState(state, environment).paces, name) ?? [];
  return own.length > 0
    ? own
    : Object.values(state.environments).flatMap(({ paces }) => entryOf(paces, name) ?? []);
}
