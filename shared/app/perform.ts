import type { Effect } from "../domain/effect.ts";
import { effectId } from "../domain/effect.ts";
import { PermanentError, TransientError } from "../ports/errors.ts";
import type { Ports } from "../ports/ports.ts";
import type { PendingEffect } from "../ports/store.ts";

/** How the attempt at an effect ended. */
export type Attempt =
  | { readonly kind: "done"; readonly effect: Effect }
  | { readonly kind: "failed"; readonly effect: Effect; readonly error: PermanentError }
  | { readonly kind: "postponed"; readonly effect: Effect; readonly error: TransientError };

/**
 * Carries out pending effects in their order. One that fails does not keep those of other promotions
 * back, but the ones behind it of its own promotion wait.
 */
export async function performAll(
  ports: Ports,
  pending: readonly PendingEffect[],
): Promise<readonly Attempt[]> {
  const attempts: Attempt[] = [];
  const stopped = new Set<string>();
  for (const { effect } of pending) {
    if (!stopped.has(effect.promotion)) {
      const attempt = await attemptOne(ports, effect);
      attempts.push(attempt);
      if (attempt.kind !== "done") {
        stopped.add(effect.promotion);
      }
    }
  }
  return attempts;
}

async function attemptOne(ports: Ports, effect: Effect): Promise<Attempt> {
  try {
    await perform(ports, effect);
    return { kind: "done", effect };
  } catch (error) {
    if (error instanceof PermanentError) {
      logFailure(ports, effect, error);
      return { kind: "failed", effect, error };
    }
    if (error instanceof TransientError) {
      logFailure(ports, effect, error);
      return { kind: "postponed", effect, error };
    }
    throw error;
  }
}

/** One call a case. What has happened already is success: each name is derived from its cause. */
async function perform(ports: Ports, effect: Effect): Promise<void> {
  switch (effect.kind) {
    case "create-release":
      return ports.deploy.createRelease(effect.pipeline, effect.release);
    case "create-rollout": {
      const { target, description } = effect;
      return ports.deploy.createRollout(effect.pipeline, effect.key, { target, description });
    }
    case "advance-rollout":
      return ports.deploy.advanceRollout(effect.pipeline, effect.key, effect.phase);
    case "cancel-rollout":
      return ports.deploy.cancelRollout(effect.pipeline, effect.key);
  }
}

function logFailure(ports: Ports, effect: Effect, error: PermanentError | TransientError): void {
  const fields = { effect: effectId(effect), status: error.status, cause: error.message };
  if (error instanceof TransientError) {
    ports.log.warn("effect postponed", fields);
  } else {
    ports.log.error("effect failed", fields);
  }
}
