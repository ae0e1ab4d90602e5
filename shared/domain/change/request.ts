import { fact } from "../audit-record.ts";
import { putEnvironment, putPromotion, record, refuse, reply } from "./change.ts";
import type { Change } from "./change.ts";
import { refuseFull } from "./full.ts";
import { isImpatient, knownToBlock, LOOK_WAIT_MAX } from "./impatient.ts";
import { supersede } from "./supersede.ts";
import { tellBroken } from "../gates/broken.ts";
import { closedText, judgeGates } from "../gates/judge.ts";
import { judgeSoak } from "../gates/soak.ts";
import { isClosed } from "../gates/verdict.ts";
import { promotionId } from "../ids.ts";
import { isForward, stepOf } from "../promotion.ts";
import type { BreakGlass, Promotion, PromotionKind, RestorePoint, Retry } from "../promotion.ts";
import { isNewerIn } from "../newer.ts";
import type { Actor, Release } from "../release.ts";
import { releaseLeft } from "../rollback.ts";
import type { Environment } from "../service.ts";
import { environmentState, findPromotion, openPromotions, releaseOf } from "../state.ts";
import { newSteps, planSteps } from "../steps/plan.ts";
import { after, days } from "../time.ts";

/** How long a promotion may wait behind closed gates before it is given up. */
export const WAIT_MAX = days(14);

/** A promotion that somebody or something asks for. */
export type PromotionRequest = {
  readonly environment: Environment;
  readonly release: Release;
  readonly kind: PromotionKind;
  readonly by: Actor;
  readonly reason: string | null;
  readonly breakGlass: BreakGlass | null;
  /**
   * Whether closed gates park the promotion instead of refusing it. A gate that was not read yet does not refuse it.
   */
  readonly wait: boolean;
  /** What data comes back, for a restore or a rollback with its data. */
  readonly restores: readonly RestorePoint[];
};

/**
 * Takes a promotion up: it joins the environment's queue, and `settle` starts it once its gates are open. A second
 * request for a promotion that is open gives the open promotion.
 */
export function requestPromotion(change: Change, request: PromotionRequest): Change {
  return takeUp(change, request, NOTHING);
}

/** What a promotion takes over from an earlier one. Only a retry takes anything over. */
export type Carried = Pick<Promotion, "approvals" | "retry">;

const NOTHING: Carried = { approvals: [], retry: null };

/** Takes up a promotion that goes on from an earlier one. */
export function takeUp(change: Change, request: PromotionRequest, carried: Carried): Change {
  const same = openPromotions(change.state).find(
    (promotion) =>
      promotion.environment === request.environment.id &&
      promotion.release === request.release.id &&
      isSameKind(promotion.kind, request.kind) &&
      isSameData(promotion.restores, request.restores),
  );
  if (same !== undefined) {
    const known = breakGlassOf(patientOf(change, same, request), same, request);
    return reply(known, { kind: "promotion", promotion: same.id });
  }
  const promotion = newPromotion(change, request, carried);
  if (!request.wait && knownToBlock(change, promotion, request).length > 0) {
    return refuseClosed(change, promotion);
  }
  const { promotionCount } = environmentState(change.state, request.environment.id);
  const full = refuseFull(change.state, promotion);
  if (full !== null) {
    return refuse(change, full);
  }
  const counted = putEnvironment(change, request.environment.id, {
    promotionCount: promotionCount + 1,
  });
  const newer = request.kind === "automatic" ? newerThan(change, request) : null;
  const taken =
    newer === null ? queue(counted, promotion, request) : passOver(counted, promotion, newer);
  return reply(taken, { kind: "promotion", promotion: promotion.id });
}

/** The open promotion with the full time to wait, if a second request is willing to wait and the first was not. */
function patientOf(change: Change, open: Promotion, { wait }: PromotionRequest): Change {
  return wait && isImpatient(open)
    ? putPromotion(change, { ...open, deadline: after(open.createdAt, WAIT_MAX) })
    : change;
}

function newPromotion(change: Change, request: PromotionRequest, carried: Carried): Promotion {
  const { environment, release, kind, restores } = request;
  const { promotionCount } = environmentState(change.state, environment.id);
  const { now, state } = change;
  const steps = newSteps(planSteps(environment.policy, kind, restores.length > 0), now);
  const promotion: Promotion = {
    id: promotionId(release.id, environment.id, promotionCount + 1),
    service: state.service.id,
    environment: environment.id,
    release: release.id,
    kind,
    state: "WAITING",
    requestedBy: request.by,
    reason: request.reason,
    createdAt: now,
    endedAt: null,
    steps,
    gates: [],
    breakGlass: request.breakGlass,
    backups: [],
    execution: null,
    nextPhase: null,
    advancedTo: null,
    probeFailures: 0,
    isStopping: false,
    rolloutApproval: "unasked",
    restores,
    ...carried,
    deadline: after(now, request.wait ? WAIT_MAX : LOOK_WAIT_MAX),
  };
  return { ...promotion, gates: judgeGates({ state, environment, release, promotion, now }, []) };
}

function refuseClosed(change: Change, promotion: Promotion): Change {
  const gates = promotion.gates.filter(isClosed);
  const message = closedText(gates);
  const recorded = record(
    change,
    fact("promotion.refused", promotion.requestedBy, {
      environment: promotion.environment,
      release: promotion.release,
      reason: message,
      verdicts: promotion.gates,
    }),
  );
  return refuse(recorded, { kind: "gates-closed", message, gates });
}

/** What an automatic promotion must not be put over: a newer release that is there or on its way. */
function newerThan(change: Change, { environment, release }: PromotionRequest): Release | null {
  const { current } = environmentState(change.state, environment.id);
  const rivals = openPromotions(change.state)
    .filter((promotion) => promotion.environment === environment.id)
    .map((promotion) => promotion.release);
  const ids = current === null ? rivals : [current.release, ...rivals];
  const newer = ids
    .map((id) => releaseOf(change.state, id))
    .find((other) => isNewerIn(environment, other, release) && !isGivenUp(other, release));
  return newer ?? null;
}

/** Whether a newer release has a bad image: it must not keep a change of the specification from being deployed. */
function isGivenUp({ image, revision }: Release, release: Release): boolean {
  return image.bad !== null && revision !== release.revision;
}

function passOver(change: Change, promotion: Promotion, newer: Release): Change {
  const { environment, release } = promotion;
  const why = `the newer release ${nameOf(newer)} is there or on its way; to deploy it anyway, promote ${release} into ${environment} by hand`;
  return supersede(change, promotion, why);
}

function nameOf({ id, tag }: Release): string {
  return tag === null ? id : `${id} (${tag})`;
}

function queue(change: Change, promotion: Promotion, request: PromotionRequest): Change {
  const outdated = outdatedBy(change, promotion, request);
  let next = change;
  const { environment } = request;
  for (const old of outdated) {
    next = supersede(next, old, `the newer request for ${promotion.release} takes its place`);
  }
  return record(
    putPromotion(next, promotion),
    fact("promotion.requested", promotion.requestedBy, {
      environment: promotion.environment,
      release: promotion.release,
      promotion: promotion.id,
      reason: promotion.reason,
      verdicts: promotion.gates,
      details: {
        kind: promotion.kind,
        ...(promotion.kind === "rollback" && {
          left: releaseLeft(change.state, environment) ?? "",
        }),
        ...(promotion.retry === null ? {} : aboutRetry(promotion, promotion.retry)),
        ...(promotion.restores.length === 0
          ? {}
          : { backups: promotion.restores.map(({ backup }) => backup).join(" ") }),
      },
    }),
  );
}

function aboutRetry({ approvals }: Promotion, { of }: Retry): Readonly<Record<string, string>> {
  const by = approvals.map((approval) => approval.by).join(" ");
  return { retryOf: of, ...(by === "" ? {} : { approvedBy: by }) };
}

/** A second request may break further gates of the open promotion, as long as its rollout has not begun. */
function breakGlassOf(change: Change, same: Promotion, { breakGlass }: PromotionRequest): Change {
  const open = findPromotion(change.state, same.id) ?? same;
  const glass = addGates(open.breakGlass, breakGlass);
  const isBefore = open.state === "WAITING" || stepOf(open, "rollout")?.state === "PENDING";
  if (glass === open.breakGlass || !isBefore) {
    return change;
  }
  const broken = { ...open, breakGlass: glass };
  // A promotion that waits records its broken gates when it starts.
  const told = open.state === "RUNNING" ? tellBroken(broken, broken.gates) : [];
  return record(putPromotion(change, broken), ...told);
}

/** The gates that either request breaks, under the name of the later. If the later adds none, the earlier stays. */
function addGates(earlier: BreakGlass | null, later: BreakGlass | null): BreakGlass | null {
  const gates = earlier?.gates ?? [];
  const added = later?.gates.filter((gate) => !gates.includes(gate)) ?? [];
  return later === null || added.length === 0 ? earlier : { ...later, gates: [...gates, ...added] };
}

/** Whether two requests bring the same data back. */
function isSameData(one: readonly RestorePoint[], other: readonly RestorePoint[]): boolean {
  return dataOf(one) === dataOf(other);
}

function dataOf(points: readonly RestorePoint[]): string {
  return points.map(({ backup }) => backup).join(" ");
}

/** Whether two kinds are the same thing to ask for: a promotion forward, a rollback or a restore. */
function isSameKind(one: PromotionKind, other: PromotionKind): boolean {
  return one === other || (isForward(one) && isForward(other));
}

/** The waiting promotions whose place a new one takes. */
function outdatedBy(
  change: Change,
  promotion: Promotion,
  request: PromotionRequest,
): readonly Promotion[] {
  const { waiting } = environmentState(change.state, promotion.environment);
  if (promotion.kind === "rollback") {
    return waiting.filter(({ kind }) => kind !== "restore");
  }
  if (promotion.kind === "restore" || change.state.service.queue === "all") {
    return [];
  }
  return waiting.filter((other) => {
    const isOlder = isNewerIn(
      request.environment,
      request.release,
      releaseOf(change.state, other.release),
    );
    const isAutomatic = other.kind === "automatic";
    return promotion.kind === "automatic"
      ? isOlder && isAutomatic && !isSoaking(change, request.environment, other)
      : isForward(other.kind) && (!isAutomatic || isOlder);
  });
}

/** Whether a promotion only waits for its soak. Newer ones do not replace it, or none would ever get there. */
function isSoaking({ state, now }: Change, environment: Environment, other: Promotion): boolean {
  const release = releaseOf(state, other.release);
  const verdict = judgeSoak({ state, environment, release, promotion: other, now });
  return verdict.kind === "CLOSED" && verdict.opensAt !== null;
}
