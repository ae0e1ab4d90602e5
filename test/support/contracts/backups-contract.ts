import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { BackupSource } from "../../../shared/domain/backup.ts";
import { instant } from "../../../shared/domain/time.ts";
import type {
  Backups,
  BackupView,
  RestoreOrder,
  RestoreView,
} from "../../../shared/ports/backups.ts";
import { present } from "../present.ts";

/** Services of backups to be tried out. */
export type OpenBackups = {
  readonly backups: Backups;
  /** Data that is backed up, other data of the same kind, and what is not there. */
  readonly source: BackupSource;
  readonly other: BackupSource;
  readonly missing: BackupSource;
  readonly write: (source: BackupSource, text: string) => Promise<void>;
  readonly read: (source: BackupSource) => Promise<string>;
  /** Lets what is under way end. */
  readonly finish: () => Promise<void>;
  /** Lets the backup or restore of a mark that `begin` begins end badly, with that message. */
  readonly spoil: (
    failure: {
      readonly source: BackupSource;
      readonly kind: "backup" | "restore";
      readonly mark: string;
      readonly message: string;
    },
    begin: () => Promise<unknown>,
  ) => Promise<void>;
  readonly close: () => Promise<void>;
};

const FIRST = "r-0123456789abcdef-0a1b2c-to-prod-0001-b1";
const SECOND = "r-0123456789abcdef-0a1b2c-to-prod-0001-b2";
const RESTORE = "r-0123456789abcdef-0a1b2c-to-prod-0002-s1";
const ORDER = anOrder(RESTORE);

/** The order of a restore from before anything that a test does. */
export function anOrder(mark: string): RestoreOrder {
  return { mark, since: instant(0) };
}

/** What all services of backups must do. */
export function backupsContract(name: string, open: () => Promise<OpenBackups>): void {
  describe(`backups ${name}`, () => {
    let opened: OpenBackups;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(async () => opened.close());

    async function observe({ name: backup }: BackupView): Promise<BackupView> {
      return present(await opened.backups.observe(opened.source, backup), backup);
    }

    async function taken(mark: string): Promise<BackupView> {
      const begun = await opened.backups.take(opened.source, mark);
      await opened.finish();
      return observe(begun);
    }

    async function marks(limit = 10): Promise<readonly (string | null)[]> {
      const listed = await opened.backups.list(opened.source, limit);
      return listed.map(({ mark }) => mark);
    }

    async function observeRestore({ name: restore }: RestoreView): Promise<RestoreView> {
      return present(await opened.backups.observeRestore(opened.source, restore), restore);
    }

    test("a backup is under way first, and finished in the end", async () => {
      const begun = await opened.backups.take(opened.source, FIRST);
      expect(["PENDING", "RUNNING"]).toContain(begun.state);
      expect(begun).toMatchObject({ source: opened.source, mark: FIRST, message: null });
      await opened.finish();
      const ended = await observe(begun);
      expect(ended).toMatchObject({
        ...begun,
        startedAt: ended.startedAt,
        state: "SUCCEEDED",
        finishedAt: ended.finishedAt,
      });
      expect(ended.finishedAt).toBeGreaterThanOrEqual(present(ended.startedAt, "its start"));
    });

    test("taking one with the same mark again finds it, under way or finished", async () => {
      const begun = await opened.backups.take(opened.source, FIRST);
      const again = await opened.backups.take(opened.source, FIRST);
      expect(again.name).toBe(begun.name);
      await opened.finish();
      const later = await opened.backups.take(opened.source, FIRST);
      expect(later).toMatchObject({ name: begun.name, state: "SUCCEEDED" });
      expect(await marks()).toEqual([FIRST]);
    });

    test("while one is under way another is refused for now", async () => {
      await opened.backups.take(opened.source, FIRST);
      const attempt = opened.backups.take(opened.source, SECOND);
      await expect(attempt).rejects.toMatchObject({ name: "TransientError" });
      await opened.finish();
      await opened.backups.take(opened.source, SECOND);
      expect(await marks()).toEqual([SECOND, FIRST]);
    });

    test("backups are listed newest first, at most as many as asked for", async () => {
      const first = await taken(FIRST);
      const second = await taken(SECOND);
      expect(await opened.backups.list(opened.source, 5)).toEqual([second, first]);
      expect(await marks(1)).toEqual([SECOND]);
      expect(await opened.backups.list(opened.other, 5)).toEqual([]);
    });

    test("a backup that fails says why, and stays what its mark finds", async () => {
      const message = "the disk is full";
      const failure = { source: opened.source, kind: "backup", mark: FIRST, message } as const;
      await opened.spoil(failure, async () => opened.backups.take(opened.source, FIRST));
      const failed = await opened.backups.take(opened.source, FIRST);
      expect(failed.state).toBe("FAILED");
      expect(failed.message).toContain(message);
    });

    test("a backup is removed once and for all", async () => {
      const first = await taken(FIRST);
      await opened.backups.remove(opened.source, first.name);
      await opened.finish();
      await opened.backups.remove(opened.source, first.name);
      expect(await opened.backups.observe(opened.source, first.name)).toBeNull();
      expect(await marks()).toEqual([]);
    });

    test("what nobody took is null", async () => {
      const { name: known } = await taken(FIRST);
      const unknown = known.replace(/[^/]+$/, "4711");
      expect(await opened.backups.observe(opened.source, unknown)).toBeNull();
      await opened.backups.remove(opened.source, unknown);
      expect(await marks()).toEqual([FIRST]);
    });

    test("of what is not there nothing can be taken", async () => {
      const attempt = opened.backups.take(opened.missing, FIRST);
      await expect(attempt).rejects.toMatchObject({ name: "PermanentError" });
    });

    test("a restore brings back what was there when the backup was taken", async () => {
      await opened.write(opened.source, "good");
      const backup = await taken(FIRST);
      await opened.write(opened.source, "spoilt");
      const begun = await opened.backups.restore(backup, opened.source, ORDER);
      expect(["PENDING", "RUNNING"]).toContain(begun.state);
      await opened.finish();
      expect(await observeRestore(begun)).toEqual({
        name: begun.name,
        state: "SUCCEEDED",
        message: null,
      });
      expect(await opened.read(opened.source)).toBe("good");
    });

    test("a restore into other data leaves its own as it is", async () => {
      await opened.write(opened.source, "good");
      const backup = await taken(FIRST);
      await opened.write(opened.source, "newer");
      await opened.backups.restore(backup, opened.other, ORDER);
      await opened.finish();
      expect([await opened.read(opened.source), await opened.read(opened.other)]).toEqual([
        "newer",
        "good",
      ]);
    });

    test("asking for a restore again while it is under way begins no other", async () => {
      const backup = await taken(FIRST);
      const begun = await opened.backups.restore(backup, opened.source, ORDER);
      const again = await opened.backups.restore(backup, opened.source, ORDER);
      expect(again.name).toBe(begun.name);
    });

    test("asking for a restore again after it has ended keeps what was written since", async () => {
      await opened.write(opened.source, "good");
      const backup = await taken(FIRST);
      const begun = await opened.backups.restore(backup, opened.source, ORDER);
      await opened.finish();
      await opened.write(opened.source, "written since");
      const again = await opened.backups.restore(backup, opened.source, ORDER);
      expect(again).toMatchObject({ name: begun.name, state: "SUCCEEDED" });
      await opened.finish();
      expect(await opened.read(opened.source)).toBe("written since");
    });

    test("a restore that fails says why", async () => {
      const backup = await taken(FIRST);
      const message = "the backup cannot be read";
      const failure = { source: opened.source, kind: "restore", mark: RESTORE, message } as const;
      let begun: RestoreView | null = null;
      await opened.spoil(failure, async () => {
        begun = await opened.backups.restore(backup, opened.source, ORDER);
      });
      const failed = await observeRestore(present<RestoreView>(begun, "the restore"));
      expect(failed.state).toBe("FAILED");
      expect(failed.message).toContain(message);
    });

    test("a backup that is not finished cannot be restored", async () => {
      const begun = await opened.backups.take(opened.source, FIRST);
      const attempt = opened.backups.restore(begun, opened.source, ORDER);
      await expect(attempt).rejects.toMatchObject({ name: "PermanentError" });
    });

    test("a restore that nobody asked for is null", async () => {
      const backup = await taken(FIRST);
      const { name: known } = await opened.backups.restore(backup, opened.source, ORDER);
      const unknown = known.replace(/[^/]+$/, "4711");
      expect(await opened.backups.observeRestore(opened.source, unknown)).toBeNull();
    });
  });
}
