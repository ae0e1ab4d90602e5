import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { directoryPersistence } from "../../emulators/kit/store.ts";
import { knownProjects } from "../../emulators/kit/projects.ts";
import type { RunningServer } from "../../emulators/kit/server.ts";

/**
 * The process that a test kills: `node kept-emulators.ts FOLDER NAME…` starts these emulators, whose state is in the
 * folder, and tells their addresses as one line of JSON.
 */
const [, , folder = "", ...names] = process.argv;
const persistence = directoryPersistence(folder);
const projects = knownProjects([{ projectId: "acme" }]);
const repositories = [{ name: "projects/acme/locations/us-central1/repositories/apps" }];

/** What is not asked for is not even loaded, so that the process is there soon. */
const STARTS: Readonly<Record<string, () => Promise<RunningServer>>> = {
  "artifact-registry": async () => {
    const { startArtifactRegistry } = await import("../../emulators/artifact-registry/server.ts");
    const { directoryBlobs } = await import("../../emulators/kit/blob-store.ts");
    const blobs = directoryBlobs(join(folder, "blobs"));
    return startArtifactRegistry({ persistence, blobs, repositories });
  },
  "cloud-deploy": async () =>
    (await import("../../emulators/cloud-deploy/server.ts")).startCloudDeploy({ persistence }),
  "cloud-functions": async () =>
    (await import("../../emulators/cloud-functions/server.ts")).startCloudFunctions({
      persistence,
    }),
  "cloud-run": async () =>
    (await import("../../emulators/cloud-run/server.ts")).startCloudRun({ persistence }),
  "cloud-sql": async () =>
    (await import("../../emulators/cloud-sql/server.ts")).startCloudSql({ persistence }),
  firestore: async () =>
    (await import("../../emulators/firestore/server.ts")).startFirestore({ persistence }),
  "gke-backup": async () =>
    (await import("../../emulators/gke-backup/server.ts")).startGkeBackup({ persistence }),
  iam: async () => (await import("../../emulators/iam/server.ts")).startIam({ persistence }),
  github: async () =>
    (await import("../../emulators/github/server.ts")).startGithub({
      persistence,
      makesCommits: true,
    }),
  identity: async () =>
    (await import("../../emulators/identity/server.ts")).startIdentity({ persistence }),
  monitoring: async () =>
    (await import("../../emulators/monitoring/server.ts")).startMonitoring({ persistence }),
  pubsub: async () =>
    (await import("../../emulators/pubsub/server.ts")).startPubsub({ persistence }),
  "resource-manager": async () => {
    const { startResourceManager } = await import("../../emulators/resource-manager/server.ts");
    return startResourceManager({ persistence, projects });
  },
  scheduler: async () =>
    (await import("../../emulators/scheduler/server.ts")).startScheduler({ persistence }),
  "secret-manager": async () =>
    (await import("../../emulators/secret-manager/server.ts")).startSecretManager({ persistence }),
  "service-usage": async () => {
    const { startServiceUsage } = await import("../../emulators/service-usage/server.ts");
    return startServiceUsage({ persistence, projects });
  },
  slack: async () =>
    (await import("../../emulators/slack/server.ts")).startSlack({
      persistence,
      users: [
        { id: "U0ANN", name: "ann", real_name: "Ann", profile: { email: "ann@example.com" } },
      ],
      makesChannels: true,
    }),
  storage: async () => {
    const { startStorage } = await import("../../emulators/storage/server.ts");
    const { directoryBlobs } = await import("../../emulators/kit/blob-store.ts");
    return startStorage({ persistence, blobs: directoryBlobs(join(folder, "objects")) });
  },
};

const urls = await Promise.all(
  names.map(async (name) => {
    const start = STARTS[name];
    if (start === undefined) {
      throw new Error(`There is no emulator ${name} here`);
    }
    return [name, (await start()).url] as const;
  }),
);
// Whoever is killed keeps nothing of what was compiled for it: that the next one has it, it is written now.
flushCompileCache();
process.stdout.write(`${JSON.stringify(Object.fromEntries(urls))}\n`);
