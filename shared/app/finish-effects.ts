import { effectId } from "../domain/effect.ts";
import type { ServiceEvent } from "../domain/event.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import type { PendingEffect } from "../ports/store.ts";
import type { Draft } from "./aggregate.ts";
import { decideNow } from "./decide-now.ts";
import { ATTEMPTS_MAX, postpone, remove, removeFollowers } from "./pending.ts";
import type { Attempt } from "./perform.ts";

/** Takes the outcome of attempts in. An effect that is no longer pending was told of already. */
export function finishEffects(
  ports: DecidingPorts,
  draft: Draft,
  attempts: readonly Attempt[],
): Draft {
  let finished = draft;
  for (const attempt of attempts) {
    finished = finishEffect(ports, finished, attempt);
  }
  return finished;
}

function finishEffect(ports: DecidingPorts, draft: Draft, attempt: Attempt): Draft {
  const { outbox } = draft.aggregate;
  const name = effectId(attempt.effect);
  const pending = outbox.find(({ effect }) => effectId(effect) === name);
  if (pending === undefined) {
    return draft;
  }
  const event = toEvent(attempt, pending);
  if (event === null) {
    const postponed = postpone(outbox, attempt.effect, ports.clock.now());
    return { ...draft, aggregate: { ...draft.aggregate, outbox: postponed } };
  }
  const rest =
    event.kind === "effect-failed"
      ? removeFollowers(remove(outbox, attempt.effect), attempt.effect)
      : remove(outbox, attempt.effect);
  const cleared = { ...draft, aggregate: { ...draft.aggregate, outbox: rest } };
  const shown = attempt.kind === "done" ? attempt.shown : [];
  return decideNow(ports, cleared, [event, ...shown]).draft;
}

/** What the attempt means; null: try again later. */
function toEvent(attempt: Attempt, pending: PendingEffect): ServiceEvent | null {
  const { effect } = attempt;
  if (attempt.kind === "done") {
    return { kind: "effect-done", effect };
  }
  if (attempt.kind === "postponed" && pending.attempts + 1 < ATTEMPTS_MAX) {
    return null;
  }
  const { status, message } = attempt.error;
  return { kind: "effect-failed", effect, status, message };
}
