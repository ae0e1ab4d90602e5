import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { directoryBlobs } from "../../emulators/artifact-registry/blob-store.ts";
import { startArtifactRegistry } from "../../emulators/artifact-registry/server.ts";
import type { RunningArtifactRegistry } from "../../emulators/artifact-registry/server.ts";
import { startCloudDeploy } from "../../emulators/cloud-deploy/server.ts";
import type { CloudDeployServer } from "../../emulators/cloud-deploy/server.ts";
import { startCloudRun } from "../../emulators/cloud-run/server.ts";
import type { RunningCloudRun } from "../../emulators/cloud-run/server.ts";
import { startCloudSql } from "../../emulators/cloud-sql/server.ts";
import type { RunningCloudSql } from "../../emulators/cloud-sql/server.ts";
import { startLoadBalancer } from "../../emulators/edge/load-balancer.ts";
import type { RunningLoadBalancer } from "../../emulators/edge/load-balancer.ts";
import { startEdge } from "../../emulators/edge/server.ts";
import type { RunningEdge } from "../../emulators/edge/server.ts";
import { startEventarc } from "../../emulators/eventarc/server.ts";
import type { RunningEventarc } from "../../emulators/eventarc/server.ts";
import { startFirestore } from "../../emulators/firestore/server.ts";
import type { FirestoreServer } from "../../emulators/firestore/server.ts";
import { startGkeBackup } from "../../emulators/gke-backup/server.ts";
import type { RunningGkeBackup } from "../../emulators/gke-backup/server.ts";
import { startIdentity } from "../../emulators/identity/server.ts";
import type { Identity } from "../../emulators/identity/server.ts";
import { cachingMint } from "../../emulators/identity/token-cache.ts";
import type { CloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import { directoryPersistence, memoryPersistence } from "../../emulators/kit/persistence.ts";
import type { Persistence } from "../../emulators/kit/persistence.ts";
import { startMonitoring } from "../../emulators/monitoring/server.ts";
import type { RunningMonitoring } from "../../emulators/monitoring/server.ts";
import { startPubsub } from "../../emulators/pubsub/server.ts";
import type { RunningPubsub } from "../../emulators/pubsub/server.ts";
import { startScheduler } from "../../emulators/scheduler/server.ts";
import type { RunningScheduler } from "../../emulators/scheduler/server.ts";
import { startSecretManager } from "../../emulators/secret-manager/server.ts";
import type { RunningSecretManager } from "../../emulators/secret-manager/server.ts";
import { startStorage } from "../../emulators/storage/server.ts";
import type { Storage } from "../../emulators/storage/server.ts";
import { localAccess } from "./access.ts";
import type { Endpoint } from "./ports.ts";
import {
  LOCAL_EVENTS_ACCOUNT,
  LOCAL_GROUPS,
  LOCAL_LOCATION,
  LOCAL_PROJECT,
  LOCAL_PROJECT_NUMBER,
  LOCAL_REPOSITORY,
  LOCAL_DATABASE,
} from "./settings.ts";

/** How long the local Cloud Deploy takes to render, and for each job: long enough to be seen. */
const RENDER_MS = 100;
const JOB_MS = 150;
const READY_MS = 50;

/** How long the local Cloud Run, Cloud SQL and Backup for GKE take: long enough to be seen. */
const TASK_MS = 150;
const CREATE_MS = 50;
const BACKUP_MS = 400;
const RESTORE_MS = 900;

/** How soon and how late a function that failed gets its event again. */
const BACKOFF_MS = { minimum: 500, maximum: 10_000 };

/** The database with the one index over all services, as an installation makes them: other queries need none. */
export const DATABASE = {
  name: `projects/${LOCAL_PROJECT}/databases/${LOCAL_DATABASE}`,
  groupFields: [{ collection: "promotions", field: "id" }],
} as const;

/** Every emulator of the local cloud, running. */
export type Emulators = {
  readonly registry: RunningArtifactRegistry;
  readonly cloudDeploy: CloudDeployServer;
  readonly cloudRun: RunningCloudRun;
  readonly loadBalancer: RunningLoadBalancer;
  readonly edge: RunningEdge;
  readonly eventarc: RunningEventarc;
  readonly firestore: FirestoreServer;
  readonly identity: Identity;
  readonly pubsub: RunningPubsub;
  readonly storage: Storage;
  readonly cloudSql: RunningCloudSql;
  readonly gkeBackup: RunningGkeBackup;
  readonly monitoring: RunningMonitoring;
  readonly scheduler: RunningScheduler;
  readonly secretManager: RunningSecretManager;
  /** Stops them all; what is kept is written first. */
  readonly close: () => Promise<void>;
};

/** Where the emulators run, and who may call them: everybody, where there is no `access`. */
type Place = {
  readonly ports: Readonly<Record<Endpoint, number>>;
  readonly persistence: Persistence;
  readonly access: CloudAccess | undefined;
};

/** Starts every emulator. With a data directory a later start goes on where this one stopped. */
export async function startEmulators(
  ports: Readonly<Record<Endpoint, number>>,
  dataDirectory: string | null,
  access?: CloudAccess,
): Promise<Emulators> {
  const persistence =
    dataDirectory === null ? memoryPersistence() : directoryPersistence(dataDirectory);
  const scratch = dataDirectory ?? (await mkdtemp(join(tmpdir(), "slipway-")));
  const place: Place = { ports, persistence, access };
  const foundations = await startFoundations(place, join(scratch, "blobs"));
  const { pubsub, identity } = foundations;
  const edge = startEdge({ issuer: identity, access: access ?? localAccess() });
  const [runtimes, protections] = await Promise.all([
    startRuntimes(place, { ...foundations, edge }),
    startProtections(place, foundations),
  ]);
  const mintIdToken = cachingMint(identity.mint, identity.clock);
  const eventarc = startEventarc({ pubsub, region: LOCAL_LOCATION, mintIdToken });
  const servers = { edge, ...foundations, ...runtimes, ...protections };
  return {
    ...servers,
    eventarc,
    close: async () => {
      eventarc.close();
      await Promise.all(Object.values(servers).map((server) => server.close()));
      await persistence.flush();
      if (dataDirectory === null) {
        await rm(scratch, { recursive: true, force: true });
      }
    },
  };
}

type Runtimes = Pick<Emulators, "cloudRun" | "cloudDeploy" | "loadBalancer">;

/** What releases run on, and what brings them there. */
async function startRuntimes(
  { ports, persistence, access }: Place,
  { registry, pubsub, storage, edge }: Foundations & Pick<Emulators, "edge">,
): Promise<Runtimes> {
  const cloudRun = await startCloudRun({
    port: ports.cloudRun,
    persistence,
    access,
    images: registry.images,
    front: edge,
    readyMs: READY_MS,
    taskMs: TASK_MS,
  });
  const cloudDeploy = await startCloudDeploy({
    port: ports.cloudDeploy,
    persistence,
    access,
    publisher: pubsub.publisher,
    objects: storage,
    runtime: cloudRun.runtime,
    projects: [{ id: LOCAL_PROJECT, number: LOCAL_PROJECT_NUMBER }],
    renderMs: RENDER_MS,
    jobMs: JOB_MS,
  });
  const loadBalancer = await startLoadBalancer({
    port: ports.loadBalancer,
    backend: cloudRun.url,
  });
  return { cloudRun, cloudDeploy, loadBalancer };
}

type Protections = Pick<
  Emulators,
  "cloudSql" | "gkeBackup" | "monitoring" | "scheduler" | "secretManager"
>;

/** What keeps data and watches over what runs. */
async function startProtections(
  { ports, persistence, access }: Place,
  { identity, pubsub }: Foundations,
): Promise<Protections> {
  const { publisher } = pubsub;
  const projects = { [LOCAL_PROJECT]: LOCAL_PROJECT_NUMBER };
  const [cloudSql, gkeBackup, monitoring, scheduler, secretManager] = await Promise.all([
    startCloudSql({
      port: ports.cloudSql,
      persistence,
      access,
      createMs: CREATE_MS,
      backupMs: BACKUP_MS,
      restoreMs: RESTORE_MS,
      cloneMs: RESTORE_MS,
    }),
    startGkeBackup({
      port: ports.gkeBackup,
      persistence,
      access,
      operationMs: CREATE_MS,
      backupMs: BACKUP_MS,
      restoreMs: RESTORE_MS,
    }),
    startMonitoring({ port: ports.monitoring, persistence, access, publisher, projects }),
    startScheduler({
      port: ports.scheduler,
      persistence,
      access,
      publisher,
      mintIdToken: async (email, audience) => identity.mint({ email, audience }),
    }),
    startSecretManager({ port: ports.secretManager, persistence, access, projects }),
  ]);
  return { cloudSql, gkeBackup, monitoring, scheduler, secretManager };
}

type Foundations = Pick<Emulators, "identity" | "pubsub" | "firestore" | "storage" | "registry">;

async function startFoundations(
  { ports, persistence, access }: Place,
  blobDirectory: string,
): Promise<Foundations> {
  const [identity, pubsub, firestore, storage] = await Promise.all([
    startIdentity({ port: ports.identity, persistence, access, groups: LOCAL_GROUPS }),
    startPubsub({ port: ports.pubsub, persistence, access }),
    startFirestore({ port: ports.firestore, persistence, access, databases: [DATABASE] }),
    startStorage({ port: ports.storage, persistence, access }),
  ]);
  const registry = await startArtifactRegistry({
    port: ports.registry,
    persistence,
    access,
    publisher: pubsub.publisher,
    blobs: directoryBlobs(blobDirectory),
    defaultLocation: LOCAL_LOCATION,
    repositories: [
      {
        name: `projects/${LOCAL_PROJECT}/locations/${LOCAL_LOCATION}/repositories/${LOCAL_REPOSITORY}`,
      },
    ],
  });
  return { identity, pubsub, firestore, storage, registry };
}

/** The topics that Google's services publish to once somebody has made them, and our own. */
export const TOPICS = {
  imagePushes: "gcr",
  deployOperations: "clouddeploy-operations",
  deployResources: "clouddeploy-resources",
  deployApprovals: "clouddeploy-approvals",
  deployAdvances: "clouddeploy-advances",
  ticks: "slipway-ticks",
  incidents: "slipway-incidents",
  work: "slipway-work",
  audit: "slipway-audit",
} as const;

/** Connects the topics to the functions, as deploying them does. */
export function connectFunctions(
  emulators: Emulators,
  ports: Readonly<Record<Endpoint, number>>,
): void {
  emulators.pubsub.ensureTopic(topicName(TOPICS.audit));
  const triggers = [
    ["on-image-push", TOPICS.imagePushes, ports.onImagePush],
    ["on-deploy-notification-operations", TOPICS.deployOperations, ports.onDeployNotification],
    ["on-deploy-notification-resources", TOPICS.deployResources, ports.onDeployNotification],
    ["on-deploy-notification-approvals", TOPICS.deployApprovals, ports.onDeployNotification],
    ["on-deploy-notification-advances", TOPICS.deployAdvances, ports.onDeployNotification],
    ["on-incident", TOPICS.incidents, ports.onIncident],
    ["on-tick", TOPICS.ticks, ports.onTick],
    ["on-work", TOPICS.work, ports.onWork],
  ] as const;
  for (const [name, topic, port] of triggers) {
    emulators.eventarc.addTrigger({
      name,
      topic: topicName(topic),
      destination: `http://127.0.0.1:${port}/`,
      retry: true,
      serviceAccount: LOCAL_EVENTS_ACCOUNT,
      minimumBackoffMs: BACKOFF_MS.minimum,
      maximumBackoffMs: BACKOFF_MS.maximum,
    });
  }
}

/** A topic's full name in the local project. */
export function topicName(id: string): string {
  return `projects/${LOCAL_PROJECT}/topics/${id}`;
}
