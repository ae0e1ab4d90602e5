import type { ServiceEvent } from "../domain/event.ts";
import type { PromotionId } from "../domain/ids.ts";
import { isAt } from "../domain/promotion.ts";
import { isTrusting, verdictBy } from "../domain/provenance.ts";
import type { Promotion } from "../domain/promotion.ts";
import type { Environment } from "../domain/service.ts";
import { environmentState, findEnvironment, openPromotions } from "../domain/state.ts";
import type { EnvironmentState, ServiceState } from "../domain/state.ts";
import { isUnderWay } from "../domain/rollout.ts";
import { canaryProbes } from "../domain/steps/canary.ts";
import type { Ports } from "../ports/ports.ts";
import { lookAtForeignRollouts } from "./foreign-rollout.ts";
import { lookForImage } from "./gone-image.ts";
import { readIncidents } from "./incident.ts";
import { lookAt } from "./look.ts";
import { withReportedTags } from "./reported-tags.ts";
import { lookAtRunningBesides } from "./running.ts";
import { toBackupEvent, toRestoreEvent } from "./shown.ts";
import { entryOf } from "../domain/entry-of.ts";

type Open = { readonly promotion: Promotion; readonly environment: Environment };

/** Looks at everything that a service has under way, each thing for itself. */
export function looksAtService(
  ports: Ports,
  state: ServiceState,
): readonly Promise<readonly ServiceEvent[]>[] {
  return [
    ...openPromotions(state).map(async (promotion) => lookAtPromotion(ports, state, promotion)),
    ...state.service.environments.map(async ({ id }) =>
      lookAtContract(ports, environmentState(state, id)),
    ),
    ...state.service.environments.map(async (environment) =>
      lookAtForeignRollouts(ports, state, environment),
    ),
  ];
}

/** Waits for looks. One that fails does not keep the others from being decided on. */
export async function gather(looking: readonly Promise<readonly ServiceEvent[]>[]): Promise<Looks> {
  const looks = await Promise.allSettled(looking);
  return {
    events: looks.flatMap((look) => (look.status === "fulfilled" ? look.value : [])),
    failures: looks.flatMap((look): readonly unknown[] =>
      look.status === "rejected" ? [look.reason] : [],
    ),
  };
}

/** What looks showed, and the errors of those that failed. */
export type Looks = {
  readonly events: readonly ServiceEvent[];
  readonly failures: readonly unknown[];
};

/** Looks at what one open promotion waits for. */
export async function lookAtPromotion(
  ports: Ports,
  state: ServiceState,
  promotion: Promotion,
): Promise<readonly ServiceEvent[]> {
  const environment = findEnvironment(state.service, promotion.environment);
  return environment === null ? [] : lookFor(ports, state, { promotion, environment });
}

async function lookFor(
  ports: Ports,
  state: ServiceState,
  open: Open,
): Promise<readonly ServiceEvent[]> {
  const { promotion, environment } = open;
  const incidents = isWatching(open) ? [await readIncidents(ports, state, environment)] : [];
  const seen = [
    ...(await lookAtBackups(ports, promotion)),
    ...(await lookAtStep(ports, state, open)),
    ...(await lookAtProvenance(ports, state, open)),
    ...(await lookForImage(ports, state, promotion)),
  ];
  return [...incidents, ...seen];
}

/** Incidents matter to what waits for them, and to what must still prove itself. */
function isWatching({ promotion, environment }: Open): boolean {
  const { block } = environment.policy.alerts;
  const isOpen = promotion.state === "WAITING" || !isAt(promotion, "rollout");
  return (
    block.length > 0 && isOpen && promotion.kind !== "rollback" && promotion.kind !== "restore"
  );
}

async function lookAtBackups(ports: Ports, promotion: Promotion): Promise<readonly ServiceEvent[]> {
  const events: ServiceEvent[] = [];
  for (const backup of promotion.backups) {
    const isOver = backup.state === "SUCCEEDED" || backup.state === "FAILED";
    if (!isOver && backup.name !== null) {
      const view = await ports.backups.observe(backup.source, backup.name);
      const of = { promotion: promotion.id, backup: backup.id };
      events.push(view === null ? toLostBackup(of, backup.name) : toBackupEvent(of, view));
    }
  }
  return events;
}

function toLostBackup(
  of: { readonly promotion: PromotionId; readonly backup: string },
  name: string,
): ServiceEvent {
  const message = "it was removed while it was being taken";
  return { kind: "backup-observed", ...of, name, state: "FAILED", finishedAt: null, message };
}

async function lookAtStep(
  ports: Ports,
  state: ServiceState,
  { promotion, environment }: Open,
): Promise<readonly ServiceEvent[]> {
  if (isAt(promotion, "rollout")) {
    return lookAtRollout(ports, { promotion, environment });
  }
  if (isAt(promotion, "migrate") || isAt(promotion, "contract")) {
    return lookAtExecution(ports, promotion.id, promotion.execution?.name ?? null);
  }
  if (isAt(promotion, "restore")) {
    return lookAtRestores(ports, promotion);
  }
  return isAt(promotion, "verify") || isAt(promotion, "bake")
    ? lookAtProof(ports, state, { promotion, environment })
    : [];
}

/** How the release is, and before that whether it is what runs, and what it goes by: neither is a fault of it. */
async function lookAtProof(
  ports: Ports,
  state: ServiceState,
  { promotion, environment }: Open,
): Promise<readonly ServiceEvent[]> {
  const proof = await lookAt.probe(ports, promotion.id, { environment, times: 1 });
  const isSeen = proof.some(({ kind }) => kind === "running-observed");
  const running = isSeen ? [] : await lookAtRunningBesides(ports, environment);
  return [...running, ...(await withReportedTags(ports, state, { promotion, proof }))];
}

async function lookAtRollout(
  ports: Ports,
  { promotion, environment }: Open,
): Promise<readonly ServiceEvent[]> {
  const key = { rollout: promotion.id, release: promotion.release };
  const rollout = await ports.deploy.getRollout(environment.pipeline, key);
  const probe =
    promotion.nextPhase === null
      ? []
      : await lookAt.probe(ports, promotion.id, {
          environment,
          times: canaryProbes(environment.policy),
        });
  if (rollout === null) {
    return [];
  }
  // One that ended badly may have changed what runs all the same.
  const isBad = !isUnderWay(rollout) && rollout.state !== "SUCCEEDED";
  const running = isBad ? await lookAtRunningBesides(ports, environment) : [];
  return [{ kind: "rollout-observed", rollout }, ...probe, ...running];
}

async function lookAtExecution(
  ports: Ports,
  promotion: PromotionId,
  name: string | null,
): Promise<readonly ServiceEvent[]> {
  const execution = name === null ? null : await ports.jobs.observe(name);
  return execution === null ? [] : [{ kind: "execution-observed", promotion, execution }];
}

async function lookAtRestores(
  ports: Ports,
  promotion: Promotion,
): Promise<readonly ServiceEvent[]> {
  const events: ServiceEvent[] = [];
  for (const { restore, into, backup, isDone } of promotion.restores) {
    const view =
      isDone || restore === null ? null : await ports.backups.observeRestore(into, restore);
    if (view !== null) {
      events.push(toRestoreEvent({ promotion: promotion.id, backup }, view));
    }
  }
  return events;
}

/** A signature may be pushed after its image. */
async function lookAtProvenance(
  ports: Ports,
  state: ServiceState,
  { promotion, environment }: Open,
): Promise<readonly ServiceEvent[]> {
  const release = entryOf(state.releases, promotion.release);
  const { required, trust } = environment.policy.provenance;
  const isAsked = required && isTrusting(trust) && promotion.state === "WAITING";
  if (!isAsked || release === undefined) {
    return [];
  }
  const isVerified = verdictBy(release.image.provenance, trust)?.kind === "verified";
  return isVerified
    ? []
    : [await lookAt.provenance(ports, { ...release, release: release.id, trust })];
}

async function lookAtContract(
  ports: Ports,
  { contract }: EnvironmentState,
): Promise<readonly ServiceEvent[]> {
  return contract === null || contract.startedBy === null
    ? []
    : lookAtExecution(ports, contract.promotion, contract.execution?.name ?? null);
}
