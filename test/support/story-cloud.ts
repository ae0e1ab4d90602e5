import { startArtifactRegistry } from "../../emulators/artifact-registry/server.ts";
import type { RunningArtifactRegistry } from "../../emulators/artifact-registry/server.ts";
import { startCloudDeploy } from "../../emulators/cloud-deploy/server.ts";
import type { RunningServer } from "../../emulators/kit/server.ts";
import { startCloudRun } from "../../emulators/cloud-run/server.ts";
import type { RunningCloudRun } from "../../emulators/cloud-run/server.ts";
import { startCloudSql } from "../../emulators/cloud-sql/server.ts";
import type { RunningCloudSql } from "../../emulators/cloud-sql/server.ts";
import { cachingMint } from "../../infra/local/caching-mint.ts";
import { startFirestore } from "../../emulators/firestore/server.ts";
import type { FirestoreServer } from "../../emulators/firestore/server.ts";
import { startGkeBackup } from "../../emulators/gke-backup/server.ts";
import type { RunningGkeBackup } from "../../emulators/gke-backup/server.ts";
import { startIdentity } from "../../emulators/identity/server.ts";
import type { Identity } from "../../emulators/identity/server.ts";
import { manualClock } from "./manual-clock.ts";
import type { ManualClock } from "./manual-clock.ts";
import { startMonitoring } from "../../emulators/monitoring/server.ts";
import type { RunningMonitoring } from "../../emulators/monitoring/server.ts";
import { startPubsub } from "../../emulators/pubsub/server.ts";
import type { RunningPubsub } from "../../emulators/pubsub/server.ts";
import { startSecretManager } from "../../emulators/secret-manager/server.ts";
import type { RunningSecretManager } from "../../emulators/secret-manager/server.ts";
import { startStorage } from "../../emulators/storage/server.ts";
import type { Storage } from "../../emulators/storage/server.ts";
import { startLoadBalancer } from "../../emulators/edge/load-balancer.ts";
import type { RunningLoadBalancer } from "../../emulators/edge/load-balancer.ts";
import { startEdge } from "../../emulators/edge/server.ts";
import type { RunningEdge } from "../../emulators/edge/server.ts";
import { TOPICS, topicName } from "../../infra/local/topics.ts";
import {
  LOCAL_GROUPS,
  LOCAL_LOCATION,
  LOCAL_PROJECT,
  LOCAL_PROJECT_NUMBER,
  LOCAL_REPOSITORY,
} from "../../infra/local/settings.ts";
import type { TickKind } from "../../shared/domain/control.ts";
import { makeStoryTopics } from "./story-deliveries.ts";
import { storyAccess } from "./story-door.ts";
import { makeDatabase } from "./local-database.ts";

/** How long data takes to be backed up and restored, and a migration to run. */
export const BACKUP_MS = 120_000;
const GKE_BACKUP_MS = 240_000;
export const RESTORE_MS = 180_000;
export const MIGRATION_MS = 60_000;
const ROLLOUT_JOB_MS = 5000;

/** The emulators of the story. */
export type StoryEmulators = {
  readonly registry: RunningArtifactRegistry;
  readonly cloudDeploy: RunningServer;
  readonly cloudRun: RunningCloudRun;
  readonly loadBalancer: RunningLoadBalancer;
  readonly cloudSql: RunningCloudSql;
  readonly firestore: FirestoreServer;
  readonly gkeBackup: RunningGkeBackup;
  readonly identity: Identity;
  readonly monitoring: RunningMonitoring;
  readonly pubsub: RunningPubsub;
  readonly secretManager: RunningSecretManager;
  readonly storage: Storage;
};

/** Google's cloud, as far as a delivery needs it, on one clock. */
export type StoryCloud = {
  readonly clock: ManualClock;
  readonly emulators: StoryEmulators;
  /** What stands before the functions. */
  readonly edge: RunningEdge;
  /** Where each function's address in the world is here. */
  readonly fronts: Map<string, string>;
  /** The audience of the API's tokens. */
  readonly audience: string;
  /** Publishes what Cloud Scheduler would. */
  readonly tick: (kind: TickKind) => void;
  readonly close: () => Promise<void>;
};

/** Starts every emulator with nothing in it. */
export async function startStoryCloud(): Promise<StoryCloud> {
  const clock = manualClock();
  const identity = await startIdentity({ clock, groups: LOCAL_GROUPS });
  const edge = startEdge({ issuer: identity, access: storyAccess(), clock });
  const fronts = new Map<string, string>();
  const mintIdToken = cachingMint(identity.mint, clock);
  const pubsub = await startPubsub({
    clock,
    mintIdToken,
    reach: (address) => fronts.get(address) ?? null,
  });
  makeStoryTopics(pubsub);
  const emulators = await startAll({ clock, identity, pubsub }, edge);
  return {
    clock,
    emulators,
    edge,
    fronts,
    audience: "https://api.example.com",
    tick: (kind) => {
      const data = new TextEncoder().encode(JSON.stringify({ kind }));
      pubsub.publisher.publish(topicName(TOPICS.ticks), { data });
    },
    close: async () => {
      await edge.close();
      await Promise.all(Object.values(emulators).map((server) => server.close()));
    },
  };
}

type Begun = Pick<StoryEmulators, "identity" | "pubsub"> & { readonly clock: ManualClock };

async function startAll(
  { clock, identity, pubsub }: Begun,
  front: RunningEdge,
): Promise<StoryEmulators> {
  const repositories = [
    {
      name: `projects/${LOCAL_PROJECT}/locations/${LOCAL_LOCATION}/repositories/${LOCAL_REPOSITORY}`,
    },
  ];
  const [firestore, storage, cloudSql, gkeBackup, secretManager] = await Promise.all([
    startFirestore({ clock }),
    startStorage({ clock }),
    startCloudSql({ clock, backupMs: BACKUP_MS, restoreMs: RESTORE_MS }),
    startGkeBackup({ clock, backupMs: GKE_BACKUP_MS }),
    startSecretManager({ clock }),
  ]);
  await makeDatabase(firestore);
  const { publisher } = pubsub;
  const monitoring = await startMonitoring({ clock, publisher });
  const registry = await startArtifactRegistry({
    clock,
    publisher,
    defaultLocation: LOCAL_LOCATION,
    repositories,
  });
  const { images } = registry;
  const cloudRun = await startCloudRun({ clock, images, front, taskMs: MIGRATION_MS });
  const cloudDeploy = await startCloudDeploy({
    clock,
    publisher,
    objects: storage,
    runtime: cloudRun.runtime,
    projects: [{ id: LOCAL_PROJECT, number: LOCAL_PROJECT_NUMBER }],
    jobMs: ROLLOUT_JOB_MS,
  });
  return {
    identity,
    pubsub,
    firestore,
    storage,
    cloudSql,
    gkeBackup,
    secretManager,
    monitoring,
    registry,
    cloudRun,
    loadBalancer: await startLoadBalancer({ backend: cloudRun.url }),
    cloudDeploy,
  };
}
