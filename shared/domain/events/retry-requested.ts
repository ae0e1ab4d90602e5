import { entryOf } from "../entry-of.ts";
import { refuse } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import { takeUp } from "../change/request.ts";
import type { Carried } from "../change/request.ts";
import type { ServiceEvent } from "../event.ts";
import { refuseApprover } from "../gates/approval.ts";
import { isForward } from "../promotion.ts";
import type { DoneStep, Promotion, StepName } from "../promotion.ts";
import type { Actor, Release } from "../release.ts";
import type { Environment } from "../service.ts";
import { environmentState, findEnvironment } from "../state.ts";
import { planSteps } from "../steps/plan.ts";
import { LOOKS_ON } from "./promotion-requested.ts";
import { isStillThere, RETRY_HOLDS } from "../steps/retry.ts";
import { after } from "../time.ts";

type RetryRequested = Extract<ServiceEvent, { kind: "retry-requested" }>;

/**
 * Somebody tries again what failed or was cancelled: a new promotion of the same release into the same environment,
 * which goes on where the one before stopped.
 */
export function onRetryRequested(change: Change, { promotion, by }: RetryRequested): Change {
  const { service, releases } = change.state;
  const environment = findEnvironment(service, promotion.environment);
  const release = entryOf(releases, promotion.release);
  if (environment === null || release === undefined) {
    const message = `service ${service.id} no longer has the environment or the release of promotion ${promotion.id}, so it cannot be retried`;
    return refuse(change, { kind: "not-found", message });
  }
  const message = refusalOf(change, environment, promotion);
  if (message !== null) {
    return refuse(change, { kind: "conflict", message });
  }
  const request = {
    environment,
    release,
    kind: "manual" as const,
    by,
    reason: `retry of ${promotion.id}`,
    breakGlass: null,
    wait: true,
    restores: [],
  };
  return takeUp(change, request, carry(change, { promotion, environment, release, by }));
}

function refusalOf(change: Change, environment: Environment, promotion: Promotion): string | null {
  const { id, kind, state } = promotion;
  if (!isForward(kind)) {
    return `promotion ${id} is a ${kind} and cannot be retried; request a new one with slipway ${kind}`;
  }
  if (state !== "FAILED" && state !== "CANCELLED") {
    return `promotion ${id} is ${state}; only one that failed or was cancelled can be retried`;
  }
  const { current, drift } = environmentState(change.state, environment.id);
  const isThere = current?.release === promotion.release && drift === null;
  return isThere && !isUnfinished(change, environment, promotion)
    ? `${environment.id} already runs release ${promotion.release}; nothing is left to try again${LOOKS_ON}`
    : null;
}

/** Whether this very promotion brought the release there, and failed in a later step. */
function isUnfinished(change: Change, environment: Environment, promotion: Promotion): boolean {
  const done = doneFor(promotion);
  const rolledOut = done.find(({ name }) => name === "rollout");
  const names = planSteps(environment.policy, "manual", false);
  const left = names.slice(names.indexOf("rollout") + 1);
  const isAll = left.every((name) => done.some((step) => step.name === name));
  return (
    rolledOut !== undefined && !isAll && isStillThere(change.state, environment.id, rolledOut.by)
  );
}

/** The steps whose outcome a later promotion can rely on. */
const LASTING: ReadonlySet<StepName> = new Set<StepName>(["migrate", "rollout", "verify", "bake"]);

/** The steps that were done for a promotion: by itself, or, if it is a retry, by the promotions before it. */
function doneFor({ id, steps, retry }: Promotion): readonly DoneStep[] {
  const own = steps.flatMap(({ name, state, endedAt, message }): readonly DoneStep[] =>
    state === "SUCCEEDED" && endedAt !== null && LASTING.has(name)
      ? [{ name, at: endedAt, by: id, message }]
      : [],
  );
  const before = retry?.done ?? [];
  return [...own, ...before.filter(({ name }) => !own.some((step) => step.name === name))];
}

/** What the retry takes over. Young approvals do, except of people who may not approve what this requester asks for. */
function carry(
  change: Change,
  at: {
    readonly promotion: Promotion;
    readonly environment: Environment;
    readonly release: Release;
    readonly by: Actor;
  },
): Carried {
  const { state, now } = change;
  const { promotion, environment, release, by } = at;
  const asked = { ...promotion, requestedBy: by };
  const context = { state, environment, release, promotion: asked, now };
  const approvals = promotion.approvals.filter(
    (approval) =>
      now < after(approval.at, RETRY_HOLDS) && refuseApprover(context, approval.by) === null,
  );
  return { approvals, retry: { of: promotion.id, done: doneFor(promotion) } };
}
