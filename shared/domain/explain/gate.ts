import type { GateContext } from "../gates/context.ts";
import type { GateName } from "../gates/verdict.ts";
import { holdsOn } from "../hold.ts";
import { isTrusting, verdictBy } from "../provenance.ts";
import type { NextStep, ReleaseThere } from "../next-step.ts";
import { imageOf, succeededIn } from "../release.ts";
import type { Release } from "../release.ts";
import type { Environment } from "../service.ts";
import { lossBehindFloor } from "../rollback.ts";
import { isUnderWay } from "../rollout.ts";
import { soakIn } from "../soak.ts";
import { environmentState, openPromotions, stageBefore } from "../state.ts";
import type { ServiceState } from "../state.ts";
import { lengthText } from "../time.ts";
import type { Instant } from "../time.ts";

/** A step that would help, and what it does, for a person to read. */
export type Advice = { readonly step: NextStep; readonly does: string };

/** What would open a closed gate. */
export type Opening = { readonly when: string; readonly advice: readonly Advice[] };

/** What would open a gate that is closed now. `isAsked` says whether the promotion has been requested already. */
export function howToOpen(gate: GateName, context: GateContext, isAsked: boolean): Opening {
  switch (gate) {
    case "order":
      return openOrder(context);
    case "bad-release":
      return {
        when: "somebody takes the mark away, or a newer release takes its place",
        advice: [
          {
            step: {
              kind: "unmark",
              service: context.release.service,
              release: context.release.id,
            },
            does: "takes the mark away",
          },
        ],
      };
    case "provenance":
      return openProvenance(context);
    case "hold":
      return openHold(context);
    case "window":
      return { when: "the window opens", advice: [] };
    case "incident":
      return openIncident(context);
    case "soak":
      return openSoak(context);
    case "approval":
      return openApproval(context, isAsked);
    case "busy":
      return openBusy(context);
  }
}

/** Since when a gate has been closed to a promotion that nobody has requested yet; null when that cannot be said. */
export function closedSince(gate: GateName, context: GateContext): Instant | null {
  const { state, environment, release, now } = context;
  const { incidents, active } = environmentState(state, environment.id);
  const before = stageBefore(state.service, environment);
  switch (gate) {
    case "bad-release":
      return release.image.bad?.at ?? null;
    case "hold":
      return earliest(holdsOn(state, environment.id, now).map(({ createdAt }) => createdAt));
    case "incident":
      return incidents.kind === "read"
        ? earliest(incidents.open.map(({ openedAt }) => openedAt))
        : null;
    case "soak":
      return before === null ? null : soakIn(state, before.id, release).since;
    case "order":
    case "provenance":
      return release.createdAt;
    case "busy":
      return active?.createdAt ?? null;
    case "window":
    case "approval":
      return null;
  }
}

function openOrder({ state, environment, release }: GateContext): Opening {
  const before = stageBefore(state.service, environment);
  const isProvedBefore = before === null || succeededIn(release, before.id) !== null;
  if (isProvedBefore && lossBehindFloor(state, environment, release) !== null) {
    return {
      when: "the data from before that migration is restored",
      advice: [
        {
          step: { kind: "roll-back-with-data", ...releaseIn(state, environment, release) },
          does: "brings the release back with its data; what was written since is lost",
        },
      ],
    };
  }
  if (before === null) {
    return { when: "the release succeeds in the stage before", advice: [] };
  }
  const open = openPromotions(state).find(
    (promotion) => promotion.environment === before.id && promotion.release === release.id,
  );
  const there = releaseIn(state, before, release);
  return {
    when: `the release succeeds in ${before.id}`,
    advice: [
      { step: { kind: "explain", ...there }, does: `says why it is not in ${before.id}` },
      open === undefined
        ? { step: { kind: "promote", ...there }, does: `promotes it to ${before.id} first` }
        : watching(open.id, `follows it into ${before.id}`),
    ],
  };
}

function openSoak({ state, environment, release }: GateContext): Opening {
  const before = stageBefore(state.service, environment);
  if (before === null) {
    return { when: "the release has soaked for long enough in the stage before", advice: [] };
  }
  if (soakIn(state, before.id, release).since !== null) {
    const when = `the release has run in ${before.id} for ${lengthText(environment.policy.soak)} without a break`;
    return { when, advice: [] };
  }
  const there = releaseIn(state, before, release);
  return {
    when: `the release runs in ${before.id} again, for ${lengthText(environment.policy.soak)} without a break`,
    advice: [{ step: { kind: "promote", ...there }, does: `brings it back to ${before.id}` }],
  };
}

function openProvenance({ environment, release }: GateContext): Opening {
  const { trust } = environment.policy.provenance;
  if (!isTrusting(trust)) {
    const when = `the specification names keys or identities for ${environment.id} and is applied`;
    return { when, advice: [] };
  }
  return verdictBy(release.image.provenance, trust)?.kind === "unverified"
    ? {
        when: "a signature of a key or identity that the specification names is pushed",
        advice: [{ step: outside(`cosign sign ${imageOf(release)}`), does: "signs the image" }],
      }
    : { when: "the image's signatures have been verified", advice: [] };
}

function openHold({ state, environment, now }: GateContext): Opening {
  const holds = holdsOn(state, environment.id, now);
  return {
    when: holds.length === 1 ? "the hold is lifted or ends" : "every hold is lifted or ends",
    advice: holds.map(({ id, by }) => ({
      step: { kind: "lift", hold: id },
      does: `lifts the hold; ask ${by} first`,
    })),
  };
}

function openIncident({ state, environment }: GateContext): Opening {
  const { incidents } = environmentState(state, environment.id);
  return incidents.kind === "read"
    ? { when: "the incident is closed in Cloud Monitoring", advice: [] }
    : { when: "the incidents have been read, and none blocks", advice: [] };
}

function openApproval(context: GateContext, isAsked: boolean): Opening {
  const { state, environment, release, promotion } = context;
  if (environment.policy.approvals?.notAuthor === true && release.image.authors.length === 0) {
    const when = "a new image names the author of its commit";
    return { when, advice: [] };
  }
  return isAsked
    ? {
        when: "enough people have approved",
        advice: [{ step: { kind: "approve", promotion: promotion.id }, does: "approves it" }],
      }
    : {
        when: "the promotion is requested and enough people have approved it",
        advice: [
          {
            step: { kind: "promote", ...releaseIn(state, environment, release) },
            does: "requests it, so that it can be approved",
          },
        ],
      };
}

function openBusy({ state, environment }: GateContext): Opening {
  const { active, foreign } = environmentState(state, environment.id);
  const other = foreign.find(isUnderWay);
  if (active === null && other !== undefined) {
    const { id: pipeline, location, project } = environment.pipeline;
    const place = `--release=${other.release} --delivery-pipeline=${pipeline} --region=${location} --project=${project}`;
    return {
      when: `rollout ${other.id} ends, which no promotion asked for`,
      advice: [
        {
          step: outside(`gcloud deploy rollouts cancel ${other.id} ${place}`),
          does: "cancels it",
        },
      ],
    };
  }
  return active === null
    ? { when: "the promotion in progress ends", advice: [] }
    : {
        when: `promotion ${active.id} ends`,
        advice: [watching(active.id, "follows the promotion in progress")],
      };
}

/** Advice to follow a promotion. */
export function watching(promotion: string, does: string): Advice {
  return { step: { kind: "follow", promotion }, does };
}

function outside(command: string): NextStep {
  return { kind: "outside", command };
}

function releaseIn(state: ServiceState, environment: Environment, release: Release): ReleaseThere {
  return { service: state.service.id, environment: environment.id, release: release.id };
}

function earliest(times: readonly Instant[]): Instant | null {
  return times.reduce<Instant | null>(
    (first, time) => (first === null || time < first ? time : first),
    null,
  );
}
