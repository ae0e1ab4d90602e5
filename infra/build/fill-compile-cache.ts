import { mkdirSync, rmSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { COMPILE_CACHE, useCompileCache } from "../../functions/compile-cache.ts";
import type { Ports } from "../../shared/ports/ports.ts";

/**
 * The last step of a build: loads all that the functions load, so that their instances find it compiled.
 * Google's clients load most of themselves with the first call, so each is called once, at an address where
 * nothing answers.
 */
const NOBODY = "127.0.0.1:1";
/** By then each client has made its first attempt; what follows are repetitions. */
const PATIENCE_MS = 4000;
const NOBODY_URL = `http://${NOBODY}`;

rmSync(COMPILE_CACHE, { recursive: true, force: true });
mkdirSync(COMPILE_CACHE, { recursive: true });
useCompileCache();

await import("../../functions/index.ts");
await import("../../functions/api.ts");
const { createWiring } = await import("../../functions/create-wiring.ts");
const { readConfig } = await import("../../shared/config.ts");
const { seal } = await import("../../shared/app/seal.ts");
const { EMPTY_CHAIN, fact } = await import("../../shared/domain/audit-record.ts");
const { digest, environmentId, promotionId, releaseId, serviceId, specRevision } =
  await import("../../shared/domain/ids.ts");
const { NO_TRUST } = await import("../../shared/domain/provenance.ts");
const { instant } = await import("../../shared/domain/time.ts");

const { ports } = createWiring(
  readConfig({
    SLIPWAY_PROJECT: "build",
    SLIPWAY_VIEWERS: "user:build@example.com",
    SLIPWAY_DEPLOYERS: "user:build@example.com",
    SLIPWAY_APPROVERS: "user:build@example.com",
    SLIPWAY_ONCALL: "user:build@example.com",
    SLIPWAY_AUDIENCES: NOBODY_URL,
    SLIPWAY_CLOUD_IDENTITY_ENDPOINT: NOBODY_URL,
    SLIPWAY_CLOUD_DEPLOY_ENDPOINT: NOBODY,
    SLIPWAY_ARTIFACT_REGISTRY_ENDPOINT: NOBODY,
    SLIPWAY_CLOUD_RUN_ENDPOINT: NOBODY,
    SLIPWAY_FIRESTORE_ENDPOINT: NOBODY,
    SLIPWAY_PUBSUB_ENDPOINT: NOBODY,
    SLIPWAY_SECRET_MANAGER_ENDPOINT: NOBODY,
    SLIPWAY_CLOUD_SQL_ENDPOINT: NOBODY_URL,
    SLIPWAY_GKE_BACKUP_ENDPOINT: NOBODY_URL,
    SLIPWAY_MONITORING_ENDPOINT: NOBODY_URL,
  }),
);

/** A call to each of Google's services that a function speaks to. */
function calls({
  store,
  deploy,
  provenance,
  registry,
  feed,
  jobs,
  backups,
  incidents,
  hash,
}: Ports): readonly Promise<unknown>[] {
  const repository = "us-central1-docker.pkg.dev/build/build/build";
  const image = digest(`sha256:${"0".repeat(64)}`);
  const release = releaseId(image, specRevision("000000"));
  const pipeline = { project: "build", location: "us-central1", id: "build" };
  const facts = [fact("hold.expired", "slipway", { reason: "build" })];
  const chain = { head: EMPTY_CHAIN, published: 0 };
  return [
    store.read(serviceId("build")),
    deploy.getRollout(pipeline, {
      release,
      rollout: promotionId(release, environmentId("build"), 1),
    }),
    registry.getImage(repository, image),
    provenance.verify({ repository, digest: image }, { ...NO_TRUST, keys: [] }),
    feed.publish(seal(hash, chain, { name: "build", facts, now: instant(0) }).records),
    jobs.observe("projects/build/locations/us-central1/jobs/build/executions/build"),
    backups.databases("build"),
    incidents.listOpen("build"),
  ];
}

await Promise.race([Promise.allSettled(calls(ports)), sleep(PATIENCE_MS)]);
flushCompileCache();
process.exit(0);
