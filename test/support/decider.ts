import { decide } from "../../shared/domain/decide.ts";
import type { Decision } from "../../shared/domain/decide.ts";
import type { Effect } from "../../shared/domain/effect.ts";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import { environmentId } from "../../shared/domain/ids.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import type { RolloutView } from "../../shared/domain/rollout.ts";
import type { Service } from "../../shared/domain/service.ts";
import { environmentState, newServiceState } from "../../shared/domain/state.ts";
import type { EnvironmentState, ServiceState } from "../../shared/domain/state.ts";
import { instant } from "../../shared/domain/time.ts";
import type { Instant } from "../../shared/domain/time.ts";
import { aCandidate, aPut, START } from "./builders.ts";

/** A service in the middle of its life, and everything decided on the way. */
export type Story = {
  readonly state: ServiceState;
  readonly now: Instant;
  readonly effects: readonly Effect[];
  readonly facts: Decision["facts"];
  readonly ended: readonly Promotion[];
  readonly reply: Decision["reply"];
};

/** A story that begins with an applied specification. */
export function given(service: Service): Story {
  const story: Story = {
    state: newServiceState(service),
    now: START,
    effects: [],
    facts: [],
    ended: [],
    reply: { kind: "none" },
  };
  return when(story, { kind: "service-applied", service, by: "user:ann@example.com" });
}

/** The story after events, each one second after the other. */
export function when(story: Story, ...events: readonly ServiceEvent[]): Story {
  let next = story;
  for (const event of events) {
    const now = instant(next.now + 1000);
    const decision = decide(next.state, event, now);
    next = {
      state: decision.next,
      now,
      effects: [...next.effects, ...decision.effects],
      facts: [...next.facts, ...decision.facts],
      ended: [...next.ended, ...decision.promotions.filter(({ endedAt }) => endedAt !== null)],
      reply: decision.reply,
    };
  }
  return next;
}

/** The story after so many milliseconds and a tick. */
export function afterMs(story: Story, waitMs: number): Story {
  return when({ ...story, now: instant(story.now + waitMs) }, { kind: "tick" });
}

/** An image numbered so is found in the registry. */
export function found(number: number, tag = `v${number}`): ServiceEvent {
  const put = aPut(tag, number);
  return { kind: "image-found", candidate: aCandidate(number, { put }), by: "registry" };
}

/** Ann asks for a promotion. */
export function asked(
  environment: string,
  parts: Partial<Extract<ServiceEvent, { kind: "promotion-requested" }>> = {},
): ServiceEvent {
  return {
    kind: "promotion-requested",
    environment: environmentId(environment),
    release: null,
    by: "user:ann@example.com",
    reason: null,
    breakGlass: null,
    wait: true,
    ...parts,
  };
}

/** What is known of an environment. */
export function within(story: Story, environment: string): EnvironmentState {
  return environmentState(story.state, environmentId(environment));
}

/** The rollout of the promotion that runs in an environment is seen in a state. */
export function seen(
  story: Story,
  environment: string,
  parts: Partial<RolloutView> = {},
): ServiceEvent {
  const { active } = within(story, environment);
  const state = parts.state ?? "SUCCEEDED";
  return {
    kind: "rollout-observed",
    rollout: {
      id: active?.id ?? "none",
      release: active?.release ?? "none",
      target: "any",
      state,
      rawState: state,
      failure: null,
      nextPhase: null,
      description: "",
      createdAt: null,
      endedAt: null,
      ...parts,
    },
  };
}

/** The story after the rollout in an environment succeeded. */
export function deployed(story: Story, environment: string): Story {
  return when(story, seen(story, environment));
}
