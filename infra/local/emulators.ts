import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCloudDeploy } from "../../emulators/cloud-deploy/server.ts";
import type { RunningServer } from "../../emulators/kit/server.ts";
import type { Host } from "../../emulators/cloud-functions/functions.ts";
import type { RunningCloudFunctions } from "../../emulators/cloud-functions/server.ts";
import { startCloudRun } from "../../emulators/cloud-run/server.ts";
import type { RunningCloudRun } from "../../emulators/cloud-run/server.ts";
import { startCloudSql } from "../../emulators/cloud-sql/server.ts";
import type { RunningCloudSql } from "../../emulators/cloud-sql/server.ts";
import { startLoadBalancer } from "../../emulators/edge/load-balancer.ts";
import type { RunningLoadBalancer } from "../../emulators/edge/load-balancer.ts";
import { startEdge } from "../../emulators/edge/server.ts";
import type { RunningEdge } from "../../emulators/edge/server.ts";
import { startGkeBackup } from "../../emulators/gke-backup/server.ts";
import type { RunningGkeBackup } from "../../emulators/gke-backup/server.ts";
import type { CloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import { realClock } from "../../emulators/kit/clock.ts";
import type { Clock } from "../../emulators/kit/clock.ts";
import type { Persistence } from "../../emulators/kit/persistence.ts";
import { startMonitoring } from "../../emulators/monitoring/server.ts";
import type { RunningMonitoring } from "../../emulators/monitoring/server.ts";
import { startScheduler } from "../../emulators/scheduler/server.ts";
import type { RunningScheduler } from "../../emulators/scheduler/server.ts";
import { startSecretManager } from "../../emulators/secret-manager/server.ts";
import type { RunningSecretManager } from "../../emulators/secret-manager/server.ts";
import type { RunningGithub } from "../../emulators/github/server.ts";
import type { RunningSlack } from "../../emulators/slack/server.ts";
import { edgeAccess } from "./access.ts";
import { startAdministration } from "./administration.ts";
import type { Administration } from "./administration.ts";
import { startFoundations } from "./foundations.ts";
import type { Foundations } from "./foundations.ts";
import { functionFront } from "./function-front.ts";
import type { FunctionFront } from "./function-front.ts";
import { startFunctions } from "./functions-emulator.ts";
import type { Official } from "./official/programs.ts";
import type { Lengths } from "./pace.ts";
import type { Endpoint } from "./ports.ts";
import { portOfFunction } from "./ports.ts";
import { LOCAL_PROJECT, LOCAL_PROJECT_NUMBER } from "./settings.ts";
import { startLocalGithub } from "./github.ts";
import { linkBlobs } from "./saves.ts";
import { startLocalSlack } from "./slack.ts";

/** How long a change of a job takes: one that is waited for is asked after once. */
const JOB_CHANGE_MS = 50;

/** Every emulator of the local cloud, running. */
export type Emulators = Administration &
  Foundations & {
    readonly cloudFunctions: RunningCloudFunctions;
    readonly cloudDeploy: RunningServer;
    readonly cloudRun: RunningCloudRun;
    readonly loadBalancer: RunningLoadBalancer;
    readonly edge: RunningEdge;
    readonly cloudSql: RunningCloudSql;
    readonly gkeBackup: RunningGkeBackup;
    readonly monitoring: RunningMonitoring;
    readonly scheduler: RunningScheduler;
    readonly secretManager: RunningSecretManager;
    readonly slack: RunningSlack;
    readonly github: RunningGithub;
    /** Whether Google's emulators have documents and messages. */
    readonly isOfficial: boolean;
    /** Where the contents of images are. */
    readonly blobDirectory: string;
    /** Stops them all; what is kept is written first. */
    readonly close: () => Promise<void>;
  };

/** How the emulators run. */
export type EmulatorSettings = {
  readonly ports: Readonly<Record<Endpoint, number>>;
  /** Where what they hold is kept, or where it comes from. */
  readonly persistence: Persistence;
  /** With one, a later start goes on where this one stopped. */
  readonly dataDirectory: string | null;
  /** Where there are contents of images to begin with. */
  readonly blobsFrom: string | null;
  /** Their one clock. */
  readonly clock: Clock;
  /** How long things take now. */
  readonly pace: () => Lengths;
  /** Who may call them. */
  readonly access: CloudAccess;
  /** What runs functions in place. */
  readonly host: Host;
  /** Where programs are looked for that build functions. */
  readonly path: string | undefined;
  /** Where Google's emulators of documents and messages are, when they are to be used. */
  readonly official: Official | null;
  /** What a function that runs as an account finds in its environment, beside what it was given. */
  readonly environmentOf: (account: string) => Readonly<Record<string, string>>;
};

type Place = Omit<EmulatorSettings, "dataDirectory" | "blobsFrom"> & {
  /** What stands before functions that the Cloud Functions API made. */
  readonly front: FunctionFront;
};

/** Starts every emulator. */
export async function startEmulators(settings: EmulatorSettings): Promise<Emulators> {
  const { dataDirectory, ports, access, clock, persistence } = settings;
  const scratch = dataDirectory ?? (await mkdtemp(join(tmpdir(), "slipway-")));
  const blobDirectory = join(scratch, "blobs");
  if (settings.blobsFrom !== null) {
    linkBlobs(settings.blobsFrom, blobDirectory);
  }
  const doors: { edge?: RunningEdge } = {};
  const front = functionFront(
    () => doors.edge ?? unopened(),
    (id) => portOfFunction(ports, id),
  );
  const place: Place = { ...settings, front };
  const foundations = await startFoundations(place, blobDirectory);
  const { identity } = foundations;
  const edge = startEdge({
    issuer: identity,
    access: edgeAccess(access),
    clock,
    machineClock: realClock(),
  });
  doors.edge = edge;
  const [administration, runtimes, protections, slack, github] = await Promise.all([
    startAdministration(place),
    startRuntimes(place, { ...foundations, edge }),
    startProtections(place, foundations),
    startLocalSlack({
      clock,
      port: ports.slack,
      persistence,
      requestUrl: `http://127.0.0.1:${ports.chat}/`,
    }),
    startLocalGithub({ port: ports.github, persistence }),
  ]);
  const told = { slack, github };
  const servers = { edge, ...foundations, ...administration, ...runtimes, ...protections, ...told };
  return {
    ...servers,
    isOfficial: settings.official !== null,
    blobDirectory,
    close: async () => {
      await Promise.all(Object.values(servers).map((server) => server.close()));
      await persistence.close();
      if (dataDirectory === null) {
        await rm(scratch, { recursive: true, force: true });
      }
    },
  };
}

function unopened(): never {
  throw new Error("a function serves before there is what stands before it");
}

type Runtimes = Pick<Emulators, "cloudFunctions" | "cloudRun" | "cloudDeploy" | "loadBalancer">;

/** What releases run on, and what brings them there. */
async function startRuntimes(
  place: Place,
  { registry, pubsub, storage, edge }: Foundations & Pick<Emulators, "edge">,
): Promise<Runtimes> {
  const { ports, persistence, access, clock, pace } = place;
  const cloudFunctions = await startFunctions(place);
  const cloudRun = await startCloudRun({
    clock,
    port: ports.cloudRun,
    persistence,
    access,
    images: registry.images,
    front: edge,
    isFunction: (name) => cloudFunctions.isDeployed(name.replace("/services/", "/functions/")),
    jobMs: JOB_CHANGE_MS,
    get readyMs() {
      return pace().readyMs;
    },
    get taskMs() {
      return pace().taskMs;
    },
  });
  const cloudDeploy = await startCloudDeploy({
    clock,
    port: ports.cloudDeploy,
    persistence,
    access,
    publisher: pubsub.publisher,
    objects: storage,
    runtime: cloudRun.runtime,
    projects: [{ id: LOCAL_PROJECT, number: LOCAL_PROJECT_NUMBER }],
    get renderMs() {
      return pace().renderMs;
    },
    get jobMs() {
      return pace().jobMs;
    },
  });
  const loadBalancer = await startLoadBalancer({
    port: ports.loadBalancer,
    backend: cloudRun.url,
  });
  return { cloudFunctions, cloudRun, cloudDeploy, loadBalancer };
}

type Protections = Pick<
  Emulators,
  "cloudSql" | "gkeBackup" | "monitoring" | "scheduler" | "secretManager"
>;

/** What keeps data and watches over what runs. */
async function startProtections(
  { ports, persistence, access, clock, pace }: Place,
  { pubsub: { publisher } }: Foundations,
): Promise<Protections> {
  const projects = { [LOCAL_PROJECT]: LOCAL_PROJECT_NUMBER };
  const [cloudSql, gkeBackup, monitoring, scheduler, secretManager] = await Promise.all([
    startCloudSql({
      clock,
      port: ports.cloudSql,
      persistence,
      access,
      get createMs() {
        return pace().createMs;
      },
      get backupMs() {
        return pace().backupMs;
      },
      get restoreMs() {
        return pace().restoreMs;
      },
    }),
    startGkeBackup({
      clock,
      port: ports.gkeBackup,
      persistence,
      access,
      get operationMs() {
        return pace().createMs;
      },
      get backupMs() {
        return pace().backupMs;
      },
      get restoreMs() {
        return pace().restoreMs;
      },
    }),
    startMonitoring({ port: ports.monitoring, clock, persistence, access, publisher }),
    startScheduler({ clock, port: ports.scheduler, persistence, access, publisher }),
    startSecretManager({ port: ports.secretManager, clock, persistence, access, projects }),
  ]);
  return { cloudSql, gkeBackup, monitoring, scheduler, secretManager };
}
