import { startArtifactRegistry } from "../../emulators/artifact-registry/server.ts";
import { startCloudDeploy } from "../../emulators/cloud-deploy/server.ts";
import { startCloudFunctions } from "../../emulators/cloud-functions/server.ts";
import { startCloudRun } from "../../emulators/cloud-run/server.ts";
import { startCloudSql } from "../../emulators/cloud-sql/server.ts";
import { startFirestore } from "../../emulators/firestore/server.ts";
import type { Clock } from "../../emulators/kit/clock.ts";
import type { RunningServer } from "../../emulators/kit/server.ts";
import { startMonitoring } from "../../emulators/monitoring/server.ts";
import { startPubsub } from "../../emulators/pubsub/server.ts";
import { startScheduler } from "../../emulators/scheduler/server.ts";
import { startSecretManager } from "../../emulators/secret-manager/server.ts";
import type { Request } from "./alike.ts";
import { PLACE } from "./kept-send.ts";

/** A service that answers both ways. */
export type AlikeService = {
  readonly start: (clock: Clock) => Promise<RunningServer>;
  /** Requests that succeed, in this order; what they make is there for the requests that are drawn. */
  readonly opening: readonly (readonly [method: string, request: Request])[];
  /** Texts that fields have, by their name; those of paths are made of the paths' forms. */
  readonly texts?: Readonly<Record<string, readonly string[]>>;
};

const REPOSITORY = `${PLACE}/repositories/repositories-1`;
const IMAGE = "us-docker.pkg.dev/acme/apps/web";
const CONTAINER = { template: { containers: [{ image: IMAGE }] } };
const DATABASE = "projects/acme/databases/databases-1";
const DOCUMENTS = `${DATABASE}/documents`;
const TOPIC = "projects/acme/topics/topics-1";
const SUBSCRIPTION = "projects/acme/subscriptions/subscriptions-1";
const INSTANCE = { project: "acme", instance: "instances-1" };

/** Every emulator that has both. */
export const ALIKE_SERVICES: Readonly<Record<string, AlikeService>> = {
  "artifact-registry": {
    start: async (clock) => startArtifactRegistry({ clock }),
    opening: [
      [
        "CreateRepository",
        { parent: PLACE, repositoryId: "repositories-1", repository: { format: "DOCKER" } },
      ],
      ["GetRepository", { name: REPOSITORY }],
      ["ListPackages", { parent: REPOSITORY }],
    ],
    texts: { repositoryId: ["r2", "", "ü"] },
  },
  "cloud-deploy": {
    start: async (clock) => startCloudDeploy({ clock }),
    opening: [
      [
        "CreateTarget",
        { parent: PLACE, targetId: "targets-1", target: { run: { location: PLACE } } },
      ],
      [
        "CreateDeliveryPipeline",
        {
          parent: PLACE,
          deliveryPipelineId: "deliverypipelines-1",
          deliveryPipeline: { serialPipeline: { stages: [{ targetId: "targets-1" }] } },
        },
      ],
      ["ListReleases", { parent: `${PLACE}/deliveryPipelines/deliverypipelines-1` }],
    ],
    texts: { requestId: ["", "nonsense"], targetId: ["targets-1", "t2", "ü"] },
  },
  "cloud-functions": {
    start: async (clock) => startCloudFunctions({ clock }),
    opening: [["ListFunctions", { parent: PLACE }]],
  },
  "cloud-run": {
    start: async (clock) => startCloudRun({ clock, images: { find: () => null } }),
    opening: [
      ["CreateJob", { parent: PLACE, jobId: "jobs-1", job: { template: CONTAINER } }],
      ["CreateService", { parent: PLACE, serviceId: "services-1", service: CONTAINER }],
    ],
    texts: { image: [IMAGE, ""], jobId: ["j2", ""], serviceId: ["s2", ""] },
  },
  "cloud-sql": {
    start: async (clock) => startCloudSql({ clock }),
    opening: [
      [
        "SqlInstancesService/Insert",
        {
          project: "acme",
          body: {
            name: "instances-1",
            databaseVersion: "POSTGRES_16",
            settings: { tier: "db-f1-micro" },
          },
        },
      ],
      ["SqlInstancesService/Get", INSTANCE],
      ["SqlBackupRunsService/List", INSTANCE],
    ],
    texts: { project: ["acme"], instance: ["instances-1", "i2"], tier: ["db-f1-micro", ""] },
  },
  firestore: {
    start: async (clock) => startFirestore({ clock }),
    opening: [
      [
        "CreateDatabase",
        {
          parent: "projects/acme",
          databaseId: "databases-1",
          database: { locationId: "nam5", type: "FIRESTORE_NATIVE" },
        },
      ],
      [
        "CreateDocument",
        {
          parent: DOCUMENTS,
          collectionId: "documents-1",
          documentId: "documents-1-1",
          document: { fields: { key: { integerValue: "1" } } },
        },
      ],
      ["ListDocuments", { parent: DOCUMENTS, collectionId: "documents-1" }],
      [
        "RunQuery",
        {
          parent: DOCUMENTS,
          structuredQuery: { from: [{ collectionId: "documents-1" }], limit: 1 },
        },
      ],
    ],
    texts: {
      parent: [DOCUMENTS, `${DOCUMENTS}/documents-1/documents-1-1`],
      database: [DATABASE, "nonsense"],
      collectionId: ["documents-1", "documents-1/documents-1-1", ""],
      document: [`${DOCUMENTS}/documents-1/documents-1-1`, "nonsense"],
      documentId: ["d2", "a/b"],
      documents: [
        `${DOCUMENTS}/documents-1/documents-1-1`,
        `${DOCUMENTS}/documents-1/d2`,
        "nonsense",
      ],
      fieldPath: ["key", "__name__", "`a", ""],
      fieldPaths: ["key", "a.b", "`a`", "`a", ""],
      referenceValue: [`${DOCUMENTS}/documents-1/documents-1-1`, "nonsense", ""],
    },
  },
  monitoring: {
    start: async (clock) => startMonitoring({ clock }),
    opening: [
      [
        "CreateNotificationChannel",
        {
          name: "projects/acme",
          notificationChannel: {
            type: "pubsub",
            displayName: "channel",
            labels: { topic: "projects/acme/topics/alerts" },
          },
        },
      ],
      ["ListNotificationChannels", { name: "projects/acme" }],
    ],
    texts: { type: ["pubsub", "email", "nonsense"] },
  },
  pubsub: {
    start: async (clock) => startPubsub({ clock, reach: () => null }),
    opening: [
      ["CreateTopic", { name: TOPIC }],
      ["CreateSubscription", { name: SUBSCRIPTION, topic: TOPIC }],
      ["Publish", { topic: TOPIC, messages: [{ attributes: { key: "value" } }] }],
      ["GetTopic", { topic: TOPIC }],
    ],
    texts: {
      deadLetterTopic: [TOPIC, "nonsense"],
      pushEndpoint: ["", "https://example.com", "nonsense"],
      filter: ["", "attributes:key", "nonsense", "(".repeat(100)],
    },
  },
  scheduler: {
    start: async (clock) => startScheduler({ clock }),
    opening: [
      [
        "CreateJob",
        {
          parent: PLACE,
          job: {
            name: `${PLACE}/jobs/jobs-1`,
            schedule: "0 0 1 1 *",
            pubsubTarget: { topicName: TOPIC, data: "eA==" },
          },
        },
      ],
    ],
    texts: { schedule: ["* * * * *", "nonsense"], timeZone: ["UTC", "nonsense"] },
  },
  "secret-manager": {
    start: async (clock) => startSecretManager({ clock }),
    opening: [
      [
        "CreateSecret",
        {
          parent: "projects/acme",
          secretId: "secrets-1",
          secret: { replication: { automatic: {} } },
        },
      ],
      [
        "AddSecretVersion",
        { parent: "projects/acme/secrets/secrets-1", payload: { data: "aGk=" } },
      ],
      ["AccessSecretVersion", { name: "projects/acme/secrets/secrets-1/versions/1" }],
    ],
    texts: { secretId: ["s2", "ü"] },
  },
};
