import { canonicalHash } from "../../shared/adapters/canonical-hash.ts";
import { temporalCalendar } from "../../shared/adapters/temporal-calendar.ts";
import { NO_DEADLINE } from "../../shared/app/deadline.ts";
import { NO_TELEMETRY } from "../../shared/app/no-telemetry.ts";
import { tagPolicy } from "../../shared/adapters/tag-policy.ts";
import type { AuditRecord } from "../../shared/domain/audit-record.ts";
import type { ImageDescription } from "../../shared/domain/image.ts";
import type { Directory } from "../../shared/ports/directory.ts";
import type { Feed } from "../../shared/ports/feed.ts";
import type { Log, LogFields } from "../../shared/ports/log.ts";
import type { Ports } from "../../shared/ports/ports.ts";
import type { Provenance } from "../../shared/ports/provenance.ts";
import type { ImageView, Registry } from "../../shared/ports/registry.ts";
import type { Runtime } from "../../shared/ports/runtime.ts";
import type { WakeUp } from "../../shared/domain/wake-up.ts";
import { backupsHand, memoryBackups, newBackupsWorld } from "./memory-backups.ts";
import type { BackupsHand, BackupsWorld } from "./memory-backups.ts";
import { memoryCalls } from "./memory-calls.ts";
import type { FaultOptions, MemoryCalls } from "./memory-calls.ts";
import { memoryClock } from "./memory-clock.ts";
import type { MemoryClock } from "./memory-clock.ts";
import { cloudDeployHand } from "./cloud-deploy-hand.ts";
import type { CloudDeployHand } from "./cloud-deploy-hand.ts";
import { memoryDeploy, newCloudDeployWorld } from "./memory-cloud-deploy.ts";
import type { CloudDeployWorld } from "./memory-cloud-deploy.ts";
import { incidentsHand, memoryIncidents } from "./memory-incidents.ts";
import type { IncidentsHand, IncidentsWorld } from "./memory-incidents.ts";
import { jobsHand, memoryJobs, newJobsWorld } from "./memory-jobs.ts";
import type { JobsHand, JobsWorld } from "./memory-jobs.ts";
import { memoryPatience } from "./memory-patience.ts";
import type { MemoryPatience } from "./memory-patience.ts";
import { memoryProber } from "./memory-prober.ts";
import type { MemoryHealth } from "./memory-prober.ts";
import { memoryStore, newStoreWorld } from "./memory-store.ts";
import type { StoreWorld } from "./memory-store.ts";
import { memoryWork } from "./memory-work.ts";

/** Everything outside, as plain data that tests set up, look at and compare. */
export type World = {
  readonly backups: BackupsWorld;
  readonly cloudDeploy: CloudDeployWorld;
  /** Open incidents by project. */
  readonly incidents: IncidentsWorld;
  readonly jobs: JobsWorld;
  readonly store: StoreWorld;
  /** The registry's images by repository, in any order. */
  readonly images: Map<string, readonly ImageView[]>;
  /** What images are, by `REPOSITORY@DIGEST`; one that is not named here can run, and says nothing of itself. */
  readonly descriptions: Map<string, ImageDescription>;
  /** How services answer that are not well, by the Cloud Run service's id. */
  readonly health: Map<string, Partial<MemoryHealth>>;
  /** Members by group address. */
  readonly groups: Map<string, readonly string[]>;
  /** The audit feed as a reader sees it who drops repeats: each record once, where it first came. */
  readonly published: AuditRecord[];
};

/** A line that was logged. */
export type LogLine = {
  readonly severity: "INFO" | "WARNING" | "ERROR";
  readonly message: string;
  readonly fields: LogFields;
};

/** The ports on a world in memory. */
export type MemoryPorts = {
  readonly ports: Ports;
  readonly world: World;
  readonly clock: MemoryClock;
  /** Moves backups and restores on. */
  readonly backups: BackupsHand;
  /** Moves rollouts on. */
  readonly cloudDeploy: CloudDeployHand;
  /** Opens and closes incidents. */
  readonly incidents: IncidentsHand;
  /** Moves executions of jobs on. */
  readonly jobs: JobsHand;
  readonly patience: MemoryPatience;
  readonly calls: MemoryCalls;
  readonly logs: readonly LogLine[];
  /** The wake-ups that nobody has taken yet, the oldest first. */
  readonly wakeUps: WakeUp[];
};

/** Faults, and when the clock starts in milliseconds since the epoch. */
export type MemoryOptions = FaultOptions & {
  readonly startMs?: number;
  /** A world that was there before, for a process that starts again. Default: an empty one. */
  readonly world?: World;
};

/** A world with nothing in it. */
export function newWorld(): World {
  return {
    backups: newBackupsWorld(),
    cloudDeploy: newCloudDeployWorld(),
    incidents: new Map(),
    jobs: newJobsWorld(),
    store: newStoreWorld(),
    images: new Map(),
    descriptions: new Map(),
    health: new Map(),
    groups: new Map(),
    published: [],
  };
}

/** Memory versions of all ports, with faults as the options say. Calendar, clock, hash, log, tags and names never fail. */
export function memoryPorts(options: MemoryOptions = {}): MemoryPorts {
  const world = options.world ?? newWorld();
  const calls = memoryCalls(options);
  const clock = memoryClock(options.startMs);
  const patience = memoryPatience();
  const logs: LogLine[] = [];
  const wakeUps: WakeUp[] = [];
  let given = 0;
  const ports: Ports = {
    backups: memoryBackups(world.backups, calls, clock),
    deadline: NO_DEADLINE,
    telemetry: NO_TELEMETRY,
    calendar: temporalCalendar(),
    clock,
    deploy: memoryDeploy(world.cloudDeploy, calls, clock),
    directory: memoryDirectory(world, calls),
    feed: memoryFeed(world, calls),
    hash: canonicalHash(),
    incidents: memoryIncidents(world.incidents, calls),
    jobs: memoryJobs(world.jobs, calls),
    log: memoryLog(logs),
    patience,
    prober: memoryProber({ ...world, running: world.cloudDeploy.running }, calls),
    provenance: memoryProvenance(world, calls),
    registry: memoryRegistry(world, calls),
    runtime: memoryRuntime(world, calls),
    store: memoryStore(world.store, calls),
    tags: tagPolicy(),
    tally: new Map(),
    unique: {
      next: () => {
        given += 1;
        return `name${String(given).padStart(6, "0")}`;
      },
    },
    work: memoryWork(wakeUps, calls),
  };
  return {
    ports,
    world,
    clock,
    backups: backupsHand(world.backups, clock),
    cloudDeploy: cloudDeployHand(world.cloudDeploy, clock),
    incidents: incidentsHand(world.incidents, clock),
    jobs: jobsHand(world.jobs),
    patience,
    calls,
    logs,
    wakeUps,
  };
}

function memoryDirectory(world: World, calls: MemoryCalls): Directory {
  return {
    isMember: (group, email) =>
      calls.make(
        "directory.isMember",
        () =>
          (world.groups.get(group) ?? []).includes(email) ||
          (world.groups.get(group) ?? []).some(
            (inner) => world.groups.get(inner)?.includes(email) === true,
          ),
      ),
  };
}

function memoryFeed(world: World, calls: MemoryCalls): Feed {
  return {
    publish: (records) =>
      calls.make("feed.publish", () => {
        for (const record of records) {
          const before = world.published.find(({ id }) => id === record.id);
          if (before !== undefined && before.hash !== record.hash) {
            throw new Error(`record ${record.id} was published with another content`);
          }
          if (before === undefined) {
            world.published.push(record);
          }
        }
      }),
  };
}

const UNLABELLED: ImageDescription = { kind: "runnable", authors: [], commit: null };

function memoryRegistry(world: World, calls: MemoryCalls): Registry {
  return {
    getImage: (repository, digest) =>
      calls.make(
        "registry.getImage",
        () => world.images.get(repository)?.find((image) => image.digest === digest) ?? null,
      ),
    listImages: (repository, { changedAfter, limit }) =>
      calls.make("registry.listImages", () =>
        (world.images.get(repository) ?? [])
          .filter(({ updatedAt }) => changedAfter === null || updatedAt > changedAfter)
          .toSorted((one, other) => (one.updatedAt < other.updatedAt ? 1 : -1))
          .slice(0, limit),
      ),
    findTag: (repository, tag) =>
      calls.make(
        "registry.findTag",
        () =>
          world.images.get(repository)?.find((image) => image.tags.includes(tag))?.digest ?? null,
      ),
    inspect: (repository, digest) =>
      calls.make("registry.inspect", () => {
        const isThere = world.images.get(repository)?.some((image) => image.digest === digest);
        const described = world.descriptions.get(`${repository}@${digest}`);
        return isThere === true ? (described ?? UNLABELLED) : null;
      }),
  };
}

/** An image counts as signed with a key once a tag of its digest with `.sig` is beside it. */
function memoryProvenance(world: World, calls: MemoryCalls): Provenance {
  return {
    verify: ({ repository, digest }, { keys }) =>
      calls.make("provenance.verify", () => {
        const tags = (world.images.get(repository) ?? []).flatMap((image) => image.tags);
        const isSigned = tags.includes(`${digest.replace(":", "-")}.sig`);
        return isSigned && keys.length > 0
          ? { kind: "verified", by: "the key of the story" }
          : { kind: "unverified", reason: "the image is unsigned" };
      }),
  };
}

function memoryRuntime(world: World, calls: MemoryCalls): Runtime {
  return {
    running: ({ pipeline, target }) =>
      calls.make("runtime.running", () => {
        const image = world.cloudDeploy.running.get(`${pipeline.id}/${target}`);
        const images = image === undefined ? [] : [{ image, percent: 100 }];
        return { images, by: world.cloudDeploy.movers.get(`${pipeline.id}/${target}`) ?? null };
      }),
  };
}

function memoryLog(logs: LogLine[]): Log {
  const write =
    (severity: LogLine["severity"]) =>
    (message: string, fields: LogFields): void => {
      logs.push({ severity, message, fields });
    };
  return { info: write("INFO"), warn: write("WARNING"), error: write("ERROR") };
}
