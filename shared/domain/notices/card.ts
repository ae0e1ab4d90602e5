import { closedText } from "../gates/judge.ts";
import { isClosed } from "../gates/verdict.ts";
import type { EnvironmentId, PromotionId, ReleaseId, ServiceId } from "../ids.ts";
import type { Principal } from "../policy.ts";
import { isForward } from "../promotion.ts";
import type { Promotion, PromotionKind, PromotionState } from "../promotion.ts";
import type { Release } from "../release.ts";
import type { Environment, Service } from "../service.ts";
import { environmentState, findEnvironment, stageAfter } from "../state.ts";
import type { ServiceState } from "../state.ts";
import { duration, lengthText } from "../time.ts";

/** What a button on a card does. */
export type CardAction =
  | { readonly kind: "approve" | "reject"; readonly promotion: PromotionId }
  | {
      readonly kind: "promote";
      readonly service: ServiceId;
      readonly environment: EnvironmentId;
      readonly release: ReleaseId;
    }
  | {
      readonly kind: "roll-back";
      readonly service: ServiceId;
      readonly environment: EnvironmentId;
    };

/** How a promotion stands now, for people: what the first message of its conversation shows. */
export type Card = {
  /** What goes where, such as `web 1.4.2 into prod`. */
  readonly title: string;
  readonly state: PromotionState;
  /** How it stands, in a sentence. */
  readonly headline: string;
  /** Why it stands so: what closed gates say, or what went wrong; empty where there is nothing to say. */
  readonly why: string;
  /** The steps in their order, with how each stands. */
  readonly steps: string;
  readonly requestedBy: string;
  readonly reason: string | null;
  /** Who is asked to approve; empty unless an approval is missing. */
  readonly asked: readonly Principal[];
  readonly actions: readonly CardAction[];
};

/** What a card is made of: all of it as it was just read. */
export type CardGround = {
  readonly state: ServiceState;
  readonly promotion: Promotion;
  /** Null when the history does not know it any more. */
  readonly release: Release | null;
};

/** The card of a promotion as it stands now. The same ground gives the same card. */
export function cardOf(ground: CardGround): Card {
  const { state, promotion, release } = ground;
  const environment = findEnvironment(state.service, promotion.environment);
  return {
    title: titleOf(state.service, promotion, release),
    state: promotion.state,
    headline: headlineOf(promotion),
    why: whyOf(promotion),
    steps: promotion.steps.map(({ name, state: at }) => `${SIGNS[at]} ${name}`).join("  "),
    requestedBy: promotion.requestedBy,
    reason: promotion.reason,
    asked: askedOf(promotion, environment),
    actions: actionsOf(ground, environment),
  };
}

const SIGNS = { PENDING: "○", RUNNING: "◐", SUCCEEDED: "●", FAILED: "✕", SKIPPED: "–" } as const;

const MOVES: Readonly<Record<PromotionKind, string>> = {
  automatic: "into",
  manual: "into",
  scheduled: "into",
  rollback: "back into",
  restore: "with its data back into",
};

function titleOf(
  service: Service,
  { kind, environment, release }: Promotion,
  found: Release | null,
): string {
  return `${service.id} ${found?.tag ?? release} ${MOVES[kind]} ${environment}`;
}

function headlineOf(promotion: Promotion): string {
  const { state, steps, gates, createdAt, endedAt } = promotion;
  switch (state) {
    case "WAITING":
      return `waits for ${
        gates
          .filter(isClosed)
          .map(({ gate }) => gate)
          .join(", ") || "its turn"
      }`;
    case "RUNNING": {
      const step = steps.find((one) => one.state === "RUNNING");
      return step === undefined ? "is under way" : `is under way: ${step.name}`;
    }
    case "SUCCEEDED":
      return `is done${endedAt === null ? "" : ` after ${lengthText(duration(endedAt - createdAt))}`}`;
    case "FAILED":
      return "failed";
    case "ROLLED_BACK":
      return "did not prove itself and was taken back";
    case "CANCELLED":
      return "was cancelled";
    case "REJECTED":
      return "was rejected";
    case "SUPERSEDED":
      return "gave way to another promotion";
  }
}

function whyOf(promotion: Promotion): string {
  const failed = promotion.steps.findLast(({ state }) => state === "FAILED");
  return promotion.state === "WAITING" ? closedText(promotion.gates) : (failed?.message ?? "");
}

/** Whether the promotion waits for somebody's approval, whatever else it waits for. */
function isUnapproved({ state, gates }: Promotion): boolean {
  return (
    state === "WAITING" && gates.some((report) => report.gate === "approval" && isClosed(report))
  );
}

/** Whom the policy names, else whom the environment's access names. */
function askedOf(promotion: Promotion, environment: Environment | null): readonly Principal[] {
  if (environment === null || !isUnapproved(promotion)) {
    return [];
  }
  const { approvals, access } = environment.policy;
  const named = approvals?.from ?? [];
  return named.length > 0 ? named : access.approve;
}

/** Only what helps now: whether whoever presses it may, is found out when it is pressed. */
function actionsOf(
  { state, promotion }: CardGround,
  environment: Environment | null,
): readonly CardAction[] {
  if (environment === null) {
    return [];
  }
  if (isUnapproved(promotion)) {
    return [
      { kind: "approve", promotion: promotion.id },
      { kind: "reject", promotion: promotion.id },
    ];
  }
  const { current, healthy } = environmentState(state, environment.id);
  if (
    promotion.state !== "SUCCEEDED" ||
    current?.promotion !== promotion.id ||
    !isForward(promotion.kind)
  ) {
    return [];
  }
  const { id: service } = state.service;
  const next = stageAfter(state.service, environment);
  const onward = { kind: "promote" as const, service, release: promotion.release };
  const back = { kind: "roll-back" as const, service, environment: environment.id };
  return [
    ...(next === null || next.policy.promotion === "automatic"
      ? []
      : [{ ...onward, environment: next.id }]),
    ...(healthy.length === 0 ? [] : [back]),
  ];
}
