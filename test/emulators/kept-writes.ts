import { json, JSON_TYPE, type KeptWrites, PLACE, send } from "./kept-send.ts";
import {
  APIS,
  ARCHIVES,
  BINDINGS,
  IMAGES,
  MESSAGES,
  OBJECTS,
  COMMIT_STATUSES,
  SAYINGS,
  TOKENS,
} from "./kept-own-writes.ts";

/** One write and one read for each emulator that keeps something; where there are several kinds, for each kind. */
export const KEPT_WRITES: Readonly<Record<string, readonly KeptWrites[]>> = {
  "artifact-registry": [IMAGES],
  "cloud-deploy": [
    resource({
      create: (number) => [`v1/${PLACE}/targets?targetId=t${number}`, { run: { location: PLACE } }],
      path: (number) => `v1/${PLACE}/targets/t${number}`,
    }),
  ],
  "cloud-functions": [ARCHIVES],
  "cloud-run": [
    resource({
      create: (number) => [
        `v2/${PLACE}/jobs?jobId=j${number}`,
        { template: { template: { containers: [{ image: "us-docker.pkg.dev/acme/apps/web" }] } } },
      ],
      path: (number) => `v2/${PLACE}/jobs/j${number}`,
    }),
  ],
  "cloud-sql": [
    resource({
      create: (number) => [
        "v1/projects/acme/instances",
        { name: `i${number}`, databaseVersion: "POSTGRES_16", settings: { tier: "db-f1-micro" } },
      ],
      path: (number) => `v1/projects/acme/instances/i${number}`,
    }),
  ],
  firestore: [
    resource({
      create: (number) => [
        `v1/projects/acme/databases/(default)/documents/things?documentId=d${number}`,
        { fields: { number: { integerValue: String(number) } } },
      ],
      path: (number) => `v1/projects/acme/databases/(default)/documents/things/d${number}`,
    }),
    resource({
      create: (number) => [
        `v1/projects/acme/databases?databaseId=database-${number}`,
        { locationId: "nam5", type: "FIRESTORE_NATIVE" },
      ],
      path: (number) => `v1/projects/acme/databases/database-${number}`,
    }),
  ],
  github: [COMMIT_STATUSES],
  "gke-backup": [
    resource({
      create: (number) => [
        `v1/${PLACE}/backupPlans?backupPlanId=p${number}`,
        { cluster: `${PLACE}/clusters/main`, backupConfig: { allNamespaces: true } },
      ],
      path: (number) => `v1/${PLACE}/backupPlans/p${number}`,
    }),
  ],
  iam: [
    resource({
      create: (number) => ["v1/projects/acme/serviceAccounts", { accountId: `account-${number}` }],
      path: (number) =>
        `v1/projects/acme/serviceAccounts/account-${number}@acme.iam.gserviceaccount.com`,
    }),
  ],
  identity: [TOKENS],
  monitoring: [
    named({
      create: (number) => [
        "v3/projects/acme/notificationChannels",
        {
          type: "pubsub",
          displayName: `c${number}`,
          labels: { topic: "projects/acme/topics/alerts" },
        },
      ],
    }),
  ],
  pubsub: [
    resource({
      create: (number) => [`v1/projects/acme/topics/topic-${number}`, {}],
      path: (number) => `v1/projects/acme/topics/topic-${number}`,
      method: "PUT",
    }),
    MESSAGES,
  ],
  "resource-manager": [BINDINGS],
  scheduler: [
    resource({
      create: (number) => [
        `v1/${PLACE}/jobs`,
        {
          name: `${PLACE}/jobs/j${number}`,
          schedule: "0 0 1 1 *",
          pubsubTarget: { topicName: "projects/acme/topics/t", data: "eA==" },
        },
      ],
      path: (number) => `v1/${PLACE}/jobs/j${number}`,
    }),
  ],
  "secret-manager": [
    resource({
      create: (number) => [
        `v1/projects/acme/secrets?secretId=s${number}`,
        { replication: { automatic: {} } },
      ],
      path: (number) => `v1/projects/acme/secrets/s${number}`,
    }),
  ],
  "service-usage": [APIS],
  slack: [SAYINGS],
  storage: [OBJECTS],
};

type Creation = {
  readonly create: (number: number) => readonly [path: string, body: object];
  readonly method?: "POST" | "PUT";
};

/** A resource that is created with one call and read with another. */
function resource({
  create,
  path,
  method = "POST",
}: Creation & { readonly path: (number: number) => string }): KeptWrites {
  return {
    write: async (url, number) => {
      const [at, body] = create(number);
      await send(`${url}/${at}`, { method, headers: JSON_TYPE, body: JSON.stringify(body) });
      return true;
    },
    holds: async (url, number) => (await fetch(`${url}/${path(number)}`)).status === 200,
  };
}

/** A resource whose name the service makes. */
function named({ create }: Creation): KeptWrites {
  const names = new Map<number, string>();
  return {
    write: async (url, number) => {
      const [at, body] = create(number);
      const init = { method: "POST", headers: JSON_TYPE, body: JSON.stringify(body) };
      const { name = "" } = await json<{ name?: string }>(`${url}/${at}`, init);
      names.set(number, name);
      return true;
    },
    holds: async (url, number) =>
      (await fetch(`${url}/v3/${names.get(number) ?? "none"}`)).status === 200,
  };
}
