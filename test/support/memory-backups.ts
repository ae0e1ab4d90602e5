import type { BackupSource, BackupState } from "../../shared/domain/backup.ts";
import { sourceName } from "../../shared/domain/backup.ts";
import type { Instant } from "../../shared/domain/time.ts";
import type {
  Backups,
  BackupView,
  RecoveryWindow,
  RestoreView,
} from "../../shared/ports/backups.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import { PermanentError, TransientError } from "../../shared/ports/errors.ts";
import type { MemoryCalls } from "./memory-calls.ts";

/** A backup as the memory services keep it. */
export type MemoryBackup = {
  readonly name: string;
  readonly source: BackupSource;
  /** Null for one that the service took by itself. */
  readonly mark: string | null;
  /** What the source held when the backup began. */
  readonly content: string | null;
  readonly startedAt: Instant;
  state: BackupState;
  finishedAt: Instant | null;
  message: string | null;
};

/** A restore as the memory services keep it. */
export type MemoryRestore = {
  readonly name: string;
  readonly backup: string;
  readonly into: BackupSource;
  readonly mark: string;
  state: BackupState;
  message: string | null;
};

/** All that the memory services of backups know. Sources are named as `sourceName` names them. */
export type BackupsWorld = {
  /** The primary instances of each project. */
  readonly databases: Map<string, readonly string[]>;
  /** The plans of Backup for GKE that exist. */
  readonly plans: Set<string>;
  /** What each source's data is at the moment, by source name. */
  readonly contents: Map<string, string>;
  /** Every backup there is, in the order in which they were taken. */
  readonly backups: MemoryBackup[];
  /** Every restore that was ever begun, in order. */
  readonly restores: MemoryRestore[];
  /** By source name; an instance that is not there keeps no transaction log. */
  readonly recovery: Map<string, RecoveryWindow>;
};

/** Moves backups and restores on, which the services do by themselves. */
export type BackupsHand = {
  /** Ends every backup and restore under way, well. Gives how many there were. */
  readonly finishAll: () => number;
  /** Fails the backup or restore under way with that mark. */
  readonly fail: (mark: string, reason: string) => void;
};

/** Services of backups with nothing in them. */
export function newBackupsWorld(): BackupsWorld {
  return {
    databases: new Map(),
    plans: new Set(),
    contents: new Map(),
    backups: [],
    restores: [],
    recovery: new Map(),
  };
}

/**
 * The backups port on services in memory. As with the real ones, nothing but the look for the mark keeps
 * a second backup from being taken, and an instance has one operation at a time.
 */
export function memoryBackups(world: BackupsWorld, calls: MemoryCalls, clock: Clock): Backups {
  return {
    ...memoryTaking(world, calls, clock),
    ...memoryRestoring(world, calls),
    databases: (project) =>
      calls.make("backups.databases", () => world.databases.get(project) ?? []),
    observe: (source, name) =>
      calls.make("backups.observe", () => {
        const backup = find(world, source, name);
        return backup === undefined ? null : viewOf(backup);
      }),
    list: (source, limit) =>
      calls.make("backups.list", () => {
        assertSource(world, source);
        return of(world, source).toReversed().slice(0, limit).map(viewOf);
      }),
    remove: (source, name) =>
      calls.make("backups.remove", () => {
        const backup = find(world, source, name);
        if (backup !== undefined) {
          world.backups.splice(world.backups.indexOf(backup), 1);
        }
      }),
    recoveryWindow: (project, instance) =>
      calls.make("backups.recoveryWindow", () => {
        const source: BackupSource = { kind: "cloud-sql", project, instance };
        assertSource(world, source);
        return world.recovery.get(sourceName(source)) ?? null;
      }),
  };
}

function memoryTaking(
  world: BackupsWorld,
  calls: MemoryCalls,
  clock: Clock,
): Pick<Backups, "take"> {
  return {
    take: (source, mark) =>
      calls.make("backups.take", async () => {
        assertSource(world, source);
        const there = of(world, source).find((backup) => backup.mark === mark);
        if (there !== undefined) {
          return viewOf(there);
        }
        await calls.turn("backups.take insert");
        assertIdle(world, source);
        const backup: MemoryBackup = {
          name: `${sourceName(source)}/backups/${of(world, source).length + 1}-${mark}`,
          source,
          mark,
          content: world.contents.get(sourceName(source)) ?? null,
          startedAt: clock.now(),
          state: "RUNNING",
          finishedAt: null,
          message: null,
        };
        world.backups.push(backup);
        return viewOf(backup);
      }),
  };
}

function memoryRestoring(
  world: BackupsWorld,
  calls: MemoryCalls,
): Pick<Backups, "restore" | "observeRestore"> {
  return {
    restore: (backup, into, { mark }) =>
      calls.make("backups.restore", async () => {
        assertSource(world, into);
        const there = world.restores.find(
          (restore) => restore.mark === mark && isSame(restore.into, into),
        );
        if (there !== undefined) {
          return restoreViewOf(there);
        }
        const from = find(world, backup.source, backup.name);
        if (from === undefined) {
          throw new PermanentError("NOT_FOUND", `there is no backup ${backup.name}`);
        }
        if (from.state !== "SUCCEEDED" || backup.source.kind !== into.kind) {
          const message = `${backup.name} cannot be restored into ${sourceName(into)}`;
          throw new PermanentError("FAILED_PRECONDITION", message);
        }
        await calls.turn("backups.restore insert");
        assertIdle(world, into);
        const name = `${sourceName(into)}/restores/${world.restores.length + 1}-${mark}`;
        const restore: MemoryRestore = {
          name,
          backup: backup.name,
          into,
          mark,
          state: "RUNNING",
          message: null,
        };
        world.restores.push(restore);
        return restoreViewOf(restore);
      }),
    observeRestore: (into, name) =>
      calls.make("backups.observeRestore", () => {
        const found = world.restores.find(
          (restore) => restore.name === name && isSame(restore.into, into),
        );
        return found === undefined ? null : restoreViewOf(found);
      }),
  };
}

/** What moves the backups and restores of a world in memory. */
export function backupsHand(world: BackupsWorld, clock: Clock): BackupsHand {
  return {
    finishAll: () => {
      const backups = world.backups.filter(isUnderWay);
      for (const backup of backups) {
        backup.state = "SUCCEEDED";
        backup.finishedAt = clock.now();
      }
      const restores = world.restores.filter(isUnderWay);
      for (const restore of restores) {
        restore.state = "SUCCEEDED";
        bringBack(world, restore);
      }
      return backups.length + restores.length;
    },
    fail: (mark, reason) => {
      for (const one of [...world.backups, ...world.restores].filter(isUnderWay)) {
        if (one.mark === mark) {
          one.state = "FAILED";
          one.message = reason;
        }
        if (one.mark === mark && "finishedAt" in one) {
          one.finishedAt = clock.now();
        }
      }
    },
  };
}

function bringBack(world: BackupsWorld, { backup: name, into }: MemoryRestore): void {
  const content = world.backups.find((backup) => backup.name === name)?.content ?? null;
  if (content === null) {
    world.contents.delete(sourceName(into));
  } else {
    world.contents.set(sourceName(into), content);
  }
}

function of(world: BackupsWorld, source: BackupSource): readonly MemoryBackup[] {
  return world.backups.filter((backup) => isSame(backup.source, source));
}

function find(world: BackupsWorld, source: BackupSource, name: string): MemoryBackup | undefined {
  return of(world, source).find((backup) => backup.name === name);
}

function isSame(one: BackupSource, other: BackupSource): boolean {
  return sourceName(one) === sourceName(other);
}

function isUnderWay({ state }: { readonly state: BackupState }): boolean {
  return state === "PENDING" || state === "RUNNING";
}

function assertSource(world: BackupsWorld, source: BackupSource): void {
  const isThere =
    source.kind === "gke"
      ? world.plans.has(source.plan)
      : (world.databases.get(source.project) ?? []).includes(source.instance);
  if (!isThere) {
    throw new PermanentError("NOT_FOUND", `there is no ${sourceName(source)}`);
  }
}

function assertIdle(world: BackupsWorld, source: BackupSource): void {
  const restores = world.restores.filter(({ into }) => isSame(into, source));
  if ([...of(world, source), ...restores].some(isUnderWay)) {
    throw new TransientError("ABORTED", `another operation runs on ${sourceName(source)}`);
  }
}

function viewOf(backup: MemoryBackup): BackupView {
  const { name, source, state, mark, startedAt, finishedAt, message } = backup;
  return { name, source, state, mark, startedAt, finishedAt, message };
}

function restoreViewOf({ name, state, message }: MemoryRestore): RestoreView {
  return { name, state, message };
}
