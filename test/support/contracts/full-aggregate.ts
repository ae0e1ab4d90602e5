import type { Effect } from "../../../shared/domain/effect.ts";
import { environmentId } from "../../../shared/domain/ids.ts";
import { imageOf } from "../../../shared/domain/release.ts";
import type { Service } from "../../../shared/domain/service.ts";
import { newServiceState } from "../../../shared/domain/state.ts";
import { instant, minutes } from "../../../shared/domain/time.ts";
import type { ServiceAggregate } from "../../../shared/ports/store.ts";
import { anEnvironment, START } from "../builders.ts";
import { aBackup, aDeployment, aHold, aPromotion, aRelease } from "./samples.ts";
import { sampleDue, sampleNumbers } from "./sample-numbers.ts";
import { sampleLooks } from "./sample-looks.ts";

/** A service's aggregate with something of every kind in it. */
export function aFullAggregate(service: Service): ServiceAggregate {
  const { image } = aRelease(service, 1);
  const bad = { reason: "broken", by: "user:ann@example.com", at: START, asOncall: true };
  const release = aRelease(service, 1, {
    image: { ...image, authors: ["ann@example.com"], bad },
    succeededIn: { dev: START },
    pipelines: ["web-us-central1-rollout"],
  });
  const running = aPromotion(release, 1, "RUNNING");
  const waiting = aPromotion(release, 2, "WAITING");
  const [environment = anEnvironment("dev")] = service.environments;
  const { pipeline } = environment;
  const key = { rollout: running.id, release: release.id };
  const backup = aBackup(release, 1);
  const source = backup.source;
  const { project, region } = environment;
  const effects: readonly Effect[] = [
    { kind: "create-release", promotion: running.id, pipeline, release },
    {
      kind: "create-rollout",
      promotion: running.id,
      pipeline,
      key,
      target: "dev",
      description: "",
      startingPhase: "stable",
    },
    { kind: "advance-rollout", promotion: running.id, pipeline, key, phase: "stable" },
    { kind: "approve-rollout", promotion: running.id, pipeline, key },
    { kind: "cancel-rollout", promotion: running.id, pipeline, key },
    { kind: "take-backup", promotion: running.id, backup, image: imageOf(release) },
    { kind: "remove-backup", promotion: running.id, backup: backup.id, source, name: "b" },
    {
      kind: "run-job",
      promotion: running.id,
      job: { project, region, job: "migrate" },
      mark: `${running.id}-migrate`,
      image: imageOf(release),
    },
    {
      kind: "restore-backup",
      promotion: running.id,
      point: {
        backup: backup.id,
        from: source,
        name: "b",
        into: { kind: "gke", plan: "projects/p/locations/l/backupPlans/b" },
        takenAt: START,
        floor: { kind: "none" },
        restore: null,
        isDone: false,
      },
      mark: `${running.id}-${backup.id}`,
      since: START,
    },
    ...sampleLooks({ promotion: running.id, environment, release }),
  ];
  return {
    state: {
      ...newServiceState(service),
      appliedAt: START,
      failed: {
        dev: {
          promotion: running.id,
          release: release.id,
          tag: "v1",
          at: START,
          reason: "the container did not start",
        },
      },
      environments: {
        dev: {
          promotionCount: 2,
          active: running,
          waiting: [waiting],
          current: aDeployment(release, running.id, 1),
          healthy: [aDeployment(release, running.id, 0)],
          drift: { running: "something else", since: START, by: "user:ann@example.com" },
          foreign: [
            { id: "by-hand", release: "old", state: "IN_PROGRESS", description: "", since: START },
          ],
          approvedSince: START,
          restoredAt: START,
          incidents: {
            kind: "read",
            at: START,
            open: [{ id: "0.a", policy: "5xx", severity: "UNKNOWN", openedAt: START }],
          },
          floor: { release: release.id, order: release.order, since: START, backups: [backup] },
          contract: {
            promotion: running.id,
            release: release.id,
            job: "contract",
            reversible: false,
            execution: { name: "contract-1", state: "RUNNING", message: null },
            startedBy: "user:ann@example.com",
          },
          backups: [backup],
          paces: { rollout: [minutes(3), minutes(4)] },
        },
      },
      releases: { [release.id]: release },
      newest: release.id,
      holds: [
        aHold("h1", { kind: "service", service: service.id }),
        aHold("h2", {
          kind: "environment",
          service: service.id,
          environment: environmentId("dev"),
        }),
      ],
      ignored: [{ digest: "sha256:0", tag: "latest", reason: "no version", at: START }],
    },
    outbox: effects.map((effect, attempts) => ({ effect, attempts, notBefore: START })),
    numbers: sampleNumbers(),
    due: sampleDue(["web"]),
    chain: { head: { sequence: 3, hash: "f".repeat(64) }, published: 2 },
    lease: { holder: "somebody", until: instant(START + 30_000) },
  };
}
