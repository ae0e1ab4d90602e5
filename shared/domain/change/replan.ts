import { fact } from "../audit-record.ts";
import { putEnvironment, putPromotion, record } from "./change.ts";
import type { Change } from "./change.ts";
import { endPromotion } from "./end.ts";
import type { ApprovalPolicy } from "../policy.ts";
import { stepOf } from "../promotion.ts";
import type { Promotion, Step, StepName } from "../promotion.ts";
import type { Actor } from "../release.ts";
import type { Environment, Service } from "../service.ts";
import { findEnvironment, openPromotions } from "../state.ts";
import { BEFORE_ROLLOUT, newSteps, planSteps } from "../steps/plan.ts";
import type { Instant } from "../time.ts";

/**
 * The specification has changed: the steps of open promotions that have not begun are planned anew by the policy of
 * their environments. The record says which steps were added and dropped.
 */
export function replan(change: Change, before: Service, by: Actor): Change {
  let next = change;
  for (const environment of change.state.service.environments) {
    const known = findEnvironment(before, environment.id);
    if (known !== null && isOtherRule(known.policy.approvals, environment.policy.approvals)) {
      next = putEnvironment(next, environment.id, { approvedSince: change.now });
    }
  }
  for (const promotion of openPromotions(next.state)) {
    const environment = findEnvironment(next.state.service, promotion.environment);
    const known = findEnvironment(before, promotion.environment);
    if (environment !== null && known !== null) {
      next = isUnasked(promotion, known, environment)
        ? takeBack(next, promotion, by)
        : replanOne(next, { promotion, environment, by });
    }
  }
  return next;
}

/** Whether the rule about who may approve has changed: approvals under another rule do not count under this one. */
function isOtherRule(before: ApprovalPolicy | null, after: ApprovalPolicy | null): boolean {
  return ruleOf(before) !== ruleOf(after);
}

function ruleOf(approvals: ApprovalPolicy | null): string {
  return approvals === null
    ? ""
    : JSON.stringify([approvals.from, approvals.notRequester, approvals.notAuthor]);
}

/** Whether a promotion that nobody asked for waits where, from now on, somebody has to ask. */
function isUnasked(promotion: Promotion, before: Environment, after: Environment): boolean {
  const isWaiting = promotion.kind === "automatic" && promotion.state === "WAITING";
  const wasAutomatic = before.policy.promotion === "automatic";
  return isWaiting && wasAutomatic && after.policy.promotion === "manual";
}

function takeBack(change: Change, promotion: Promotion, by: Actor): Change {
  const { environment, release } = promotion;
  const message = `the specification no longer promotes to ${environment} by itself; to deploy it all the same, promote ${release} there by hand`;
  return endPromotion(change, promotion, { state: "CANCELLED", message, by });
}

function replanOne(
  change: Change,
  at: { readonly promotion: Promotion; readonly environment: Environment; readonly by: Actor },
): Change {
  const { promotion, environment, by } = at;
  const { policy } = environment;
  const names = planSteps(policy, promotion.kind, promotion.restores.length > 0);
  const steps =
    promotion.state === "WAITING"
      ? waitingSteps(promotion, names, change.now)
      : runningSteps(promotion, names, change.now);
  const added = steps.filter(({ name }) => stepOf(promotion, name) === null);
  const dropped = promotion.steps.filter((step) => isDropped(step, steps));
  if (added.length === 0 && dropped.length === 0) {
    return change;
  }
  return record(
    putPromotion(change, { ...promotion, steps }),
    fact("promotion.replanned", by, {
      environment: promotion.environment,
      release: promotion.release,
      promotion: promotion.id,
      reason: "the specification has changed",
      details: { added: textOf(added), dropped: textOf(dropped) },
    }),
  );
}

/** The steps of a promotion that waits: nothing has begun, so they are those of the new plan. */
function waitingSteps(
  { steps }: Promotion,
  names: readonly StepName[],
  now: Instant,
): readonly Step[] {
  return newSteps(names, now).map((step) => steps.find(({ name }) => name === step.name) ?? step);
}

/**
 * The steps of a promotion that runs. A step that has begun stays; if it only watches and is no longer asked for, it
 * ends. Steps of the new plan that have not begun follow, unless the rollout is past and they belong before it.
 */
function runningSteps(
  promotion: Promotion,
  names: readonly StepName[],
  now: Instant,
): readonly Step[] {
  const begun = promotion.steps.filter(({ state }) => state !== "PENDING");
  const isRolledOut = begun.some(({ name }) => name === "rollout");
  const toCome = names.filter(
    (name) =>
      !begun.some((step) => step.name === name) && !(isRolledOut && BEFORE_ROLLOUT.has(name)),
  );
  return [
    ...begun.map((step) => (names.includes(step.name) ? step : stopWatching(step, now))),
    ...toCome.map(
      (name): Step =>
        stepOf(promotion, name) ?? {
          name,
          state: "PENDING",
          startedAt: null,
          endedAt: null,
          message: null,
        },
    ),
  ];
}

const WATCHING: ReadonlySet<StepName> = new Set<StepName>(["verify", "bake"]);

function stopWatching(step: Step, now: Instant): Step {
  const message = "the specification no longer asks for it";
  return step.state === "RUNNING" && WATCHING.has(step.name)
    ? { ...step, state: "SKIPPED", endedAt: now, message }
    : step;
}

/** Whether the new plan has dropped a step that was still to come, or ended one that watched. */
function isDropped(step: Step, steps: readonly Step[]): boolean {
  const now = steps.find(({ name }) => name === step.name);
  return now === undefined || now.state !== step.state;
}

function textOf(steps: readonly Step[]): string {
  return steps.map(({ name }) => name).join(" ");
}
