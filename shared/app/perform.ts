import type { Act, Effect, Look } from "../domain/effect.ts";
import { effectId, isLook } from "../domain/effect.ts";
import type { ServiceEvent } from "../domain/event.ts";
import type { ServiceId } from "../domain/ids.ts";
import { PermanentError, TransientError } from "../ports/errors.ts";
import type { Ports } from "../ports/ports.ts";
import type { PendingEffect } from "../ports/store.ts";
import { requireImage } from "./gone-image.ts";
import { lookAt } from "./look.ts";
import { toBackupEvent, toRestoreEvent } from "./shown.ts";

/** How the attempt at an effect ended, and what it showed. */
export type Attempt =
  | { readonly kind: "done"; readonly effect: Effect; readonly shown: readonly ServiceEvent[] }
  | { readonly kind: "failed"; readonly effect: Effect; readonly error: PermanentError }
  | { readonly kind: "postponed"; readonly effect: Effect; readonly error: TransientError };

/**
 * Carries out a service's pending effects in their order. One that fails does not keep those of other
 * promotions back, but the ones behind it of its own promotion wait. When the time is over, all but the
 * first wait as well: however slow the outside is, each message does something.
 */
export async function performAll(
  ports: Ports,
  service: ServiceId,
  pending: readonly PendingEffect[],
): Promise<readonly Attempt[]> {
  const attempts: Attempt[] = [];
  const stopped = new Set<string>();
  for (const { effect } of pending) {
    if (!stopped.has(effect.promotion) && (attempts.length === 0 || !ports.deadline.isPast())) {
      const attempt = await attemptOne(ports, service, effect);
      attempts.push(attempt);
      if (attempt.kind !== "done") {
        stopped.add(effect.promotion);
      }
    }
  }
  return attempts;
}

async function attemptOne(ports: Ports, service: ServiceId, effect: Effect): Promise<Attempt> {
  try {
    const shown = await ports.telemetry.attempt({ service, effect }, async () =>
      isLook(effect)
        ? look(ports, service, effect)
        : [await perform(ports, effect)].filter((event) => event !== null),
    );
    return { kind: "done", effect, shown };
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
async function perform(ports: Ports, effect: Act): Promise<ServiceEvent | null> {
  const { deploy, backups, jobs } = ports;
  const { promotion } = effect;
  switch (effect.kind) {
    case "create-release":
      await deploy.createRelease(effect.pipeline, effect.release);
      return null;
    case "create-rollout":
      await deploy.createRollout(effect.pipeline, effect.key, effect);
      return null;
    case "advance-rollout":
      await deploy.advanceRollout(effect.pipeline, effect.key, effect.phase);
      return null;
    case "approve-rollout":
      await deploy.approveRollout(effect.pipeline, effect.key, true);
      return null;
    case "cancel-rollout":
      await deploy.cancelRollout(effect.pipeline, effect.key);
      return null;
    case "take-backup": {
      await requireImage(ports, effect.image);
      const { id, source } = effect.backup;
      return toBackupEvent({ promotion, backup: id }, await backups.take(source, id));
    }
    case "remove-backup":
      await backups.remove(effect.source, effect.name);
      return null;
    case "run-job": {
      await requireImage(ports, effect.image);
      const execution = await jobs.run(effect.job, effect.mark, effect.image);
      return { kind: "execution-observed", promotion, execution };
    }
    case "restore-backup": {
      const { backup, from, name, into } = effect.point;
      const view = await backups.restore({ source: from, name }, into, effect);
      return toRestoreEvent({ promotion, backup }, view);
    }
  }
}

async function look(
  ports: Ports,
  service: ServiceId,
  effect: Look,
): Promise<readonly ServiceEvent[]> {
  const { promotion } = effect;
  switch (effect.kind) {
    case "find-databases": {
      const { project } = effect;
      const instances = await ports.backups.databases(project);
      return [{ kind: "databases-found", promotion, project, instances }];
    }
    case "read-incidents":
      return [await lookAt.incidents(ports, service, effect)];
    case "read-provenance":
      return [await lookAt.provenance(ports, effect)];
    case "probe":
      return lookAt.probe(ports, promotion, effect);
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
