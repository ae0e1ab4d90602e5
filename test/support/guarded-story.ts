import type { Service } from "../../shared/domain/service.ts";
import { duration, minutes } from "../../shared/domain/time.ts";
import { aDigest, aTrust } from "./builders.ts";
import { aGuardedPolicy, aGuardedService, furnish } from "./guarded-service.ts";
import type { MemoryPorts } from "./memory-ports.ts";
import type { Happening } from "./storm.ts";

/**
 * Two releases go to prod with all that the policy asks for, the second's migration cannot be undone, and
 * the first comes back with its data. A month later the old backups go.
 */
export const GUARDED_STORY: readonly Happening[] = [
  { kind: "push", image: 1 },
  { kind: "roll", isNotified: true },
  { kind: "promote", environment: "prod", isGlassBroken: false },
  { kind: "approve", by: "sue" },
  { kind: "push", image: 2 },
  { kind: "roll", isNotified: true },
  { kind: "promote", environment: "prod", isGlassBroken: false },
  { kind: "approve", by: "sue" },
  { kind: "contract" },
  { kind: "rollback", holds: false, restoresData: true },
  { kind: "wait", minutes: 31 * 24 * 60 },
  { kind: "tick", hand: "day" },
  { kind: "tick", hand: "day" },
];

/** The guarded service without windows, so that rests of any length do no harm, and with provenance. */
export function aFaultyService(): Service {
  const policy = aGuardedPolicy(duration(0));
  return aGuardedService({
    ...policy,
    windows: null,
    provenance: { required: true, grace: minutes(60), trust: aTrust() },
  });
}

/** Sets up what the story needs: signatures beside the images, and a target that asks for an approval. */
export function prepareFaults(memory: MemoryPorts): void {
  furnish(memory);
  const tags = [1, 2].map((number) => `${aDigest(number).replace(":", "-")}.sig`);
  const uploadedAt = "2026-11-20T09:00:00.000000000Z";
  const signature = { digest: aDigest(98), tags, uploadedAt, updatedAt: uploadedAt };
  memory.world.images.set("us-central1-docker.pkg.dev/slipway/apps/web", [signature]);
  memory.world.cloudDeploy.approvals.add("web-prod-us-central1");
}
