import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { clearRecords, keepMaps } from "../../emulators/kit/kept-maps.ts";
import type { Persistence } from "../../emulators/kit/persistence.ts";
import { openStoreFile, StoreError, type StoreFile } from "../../emulators/kit/store-file.ts";
import { directoryPersistence, groupCommits } from "../../emulators/kit/store.ts";
import { memoryPersistence } from "../support/memory-persistence.ts";

type Repository = { readonly labels: Readonly<Record<string, string>> };
type State = {
  readonly repositories: Map<string, Repository>;
  readonly links: Map<string, readonly string[]>;
  readonly counts: Map<"made", number>;
};

function open(persistence: Persistence): State {
  const state: State = {
    repositories: new Map(),
    links: new Map(),
    counts: new Map(),
  };
  keepMaps(persistence, "emulator", state);
  return state;
}

/** What the next who starts finds. */
function read(persistence: Persistence): State {
  return structuredClone(open(persistence));
}

const REPOSITORY: Repository = { labels: { a: "1" } };

describe("maps that are kept", () => {
  test("come back in the order of creation", () => {
    const kept = memoryPersistence();
    const state = open(kept);
    state.counts.set("made", 1).set("made", 2);
    state.repositories.set("z", REPOSITORY).set("a", REPOSITORY).set("z", { labels: {} });
    state.links.set("web", ["one", "two"]);
    const { repositories, ...found } = read(kept);
    expect({ repositories, ...found }).toEqual(structuredClone(state));
    expect([...repositories.keys()]).toEqual(["z", "a"]);
  });

  test("forget what is deleted or cleared, and nothing else", () => {
    const kept = memoryPersistence();
    const state = open(kept);
    state.repositories.set("a", REPOSITORY).set("b", REPOSITORY).set('a"]', REPOSITORY);
    state.links.set("web", ["one"]);
    state.repositories.delete("a");
    state.links.clear();
    const found = read(kept);
    expect(found).toEqual(structuredClone(state));
    expect([...found.repositories.keys()]).toEqual(["b", 'a"]']);
    clearRecords(state);
    expect(read(kept).repositories.size).toBe(0);
  });

  test("keep a record that comes again at the end, as a map does", () => {
    const kept = memoryPersistence();
    const { links } = open(kept);
    links.set("a", []).set("b", ["one"]);
    links.delete("a");
    links.set("a", ["while"]);
    expect([...read(kept).links]).toEqual([...structuredClone(links)]);
  });

  test("do not let a record be changed behind their back", () => {
    const state = open(memoryPersistence());
    const labels: Record<string, string> = { a: "1" };
    state.repositories.set("a", { labels });
    expect(() => {
      labels["a"] = "2";
    }).toThrow(TypeError);
  });

  test("refuse a record that cannot be kept, and keep the others", () => {
    const kept = memoryPersistence();
    const state = open(kept);
    const endless: { labels: Record<string, string>; self?: unknown } = { labels: {} };
    endless.self = endless;
    const odd = [endless, { labels: {}, tags: new Map() }, { labels: {}, bytes: Buffer.from("x") }];
    for (const record of odd) {
      expect(() => state.repositories.set("a", record)).toThrow(TypeError);
    }
    state.counts.set("made", 1);
    expect(read(kept).counts.get("made")).toBe(1);
  });
});

describe("commits", () => {
  test("are shared by all who wait meanwhile", async () => {
    const disk = diskInMemory();
    const persistence = groupCommits(disk);
    const { counts } = open(persistence);
    counts.set("made", 0);
    const first = persistence.saved();
    for (let made = 1; made <= 50; made += 1) {
      counts.set("made", made);
      await Promise.resolve();
    }
    await Promise.all([first, persistence.saved()]);
    expect(disk.syncs()).toBeLessThan(5);
    expect(persistence.saved()).toBeNull();
  });

  test("that fail say so to all who wait, and are made good when it is possible", async () => {
    const disk = diskInMemory();
    const persistence = groupCommits(disk);
    const { counts } = open(persistence);
    for (const failure of ["write", "sync"] as const) {
      disk.fail(failure);
      counts.set("made", 1);
      await expect(persistence.saved()).rejects.toThrow(
        "The change could not be written to disk: disk full",
      );
      await expect(persistence.saved()).rejects.toThrow("disk full");
      disk.fail(null);
      await persistence.saved();
      expect(persistence.saved()).toBeNull();
    }
    expect(read(persistence).counts.get("made")).toBe(1);
  });
});

describe("a folder", () => {
  let folder = "";
  let data = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "kit-store-"));
    data = join(folder, "data");
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  async function fill(): Promise<State> {
    const persistence = directoryPersistence(data);
    const state = open(persistence);
    for (let made = 1; made <= 200; made += 1) {
      state.counts.set("made", made);
      state.repositories.set(`repository ${made}`, REPOSITORY);
    }
    await persistence.close();
    return structuredClone(state);
  }

  async function reopen(): Promise<State> {
    const persistence = directoryPersistence(data);
    try {
      return read(persistence);
    } finally {
      await persistence.close();
    }
  }

  test("gives everything to the next who opens it, and to its owner alone", async () => {
    const state = await fill();
    expect(await reopen()).toEqual(state);
    const persistence = directoryPersistence(data);
    open(persistence).counts.set("made", 0);
    await persistence.saved();
    expect(readdirSync(data)).toContain("state.sqlite-wal");
    for (const name of readdirSync(data)) {
      expect([name, statSync(join(data, name)).mode & 0o777]).toEqual([name, 0o600]);
    }
    expect(statSync(data).mode & 0o777).toBe(0o700);
    await persistence.close();
  });

  test("is open to one at a time", async () => {
    const persistence = directoryPersistence(data);
    expect(() => directoryPersistence(data)).toThrow("is in use by another local cloud");
    await persistence.close();
  });

  test("of another version is refused with what to do", async () => {
    mkdirSync(data);
    writeFileSync(join(data, "firestore.json"), "{}");
    expect(() => directoryPersistence(data)).toThrow(
      /earlier version .* Remove .*data to begin anew/,
    );
    rmSync(data, { recursive: true });
    await fill();
    const file = join(data, "state.sqlite");
    const bytes = readFileSync(file);
    bytes.writeUInt32BE(1, 60);
    writeFileSync(file, bytes);
    expect(() => directoryPersistence(data)).toThrow("format 1, this one has 5");
  });

  test("in which a byte is not as it was written is refused, or gives all the same", async () => {
    const state = await fill();
    const file = join(data, "state.sqlite");
    copyFileSync(file, join(folder, "whole"));
    const { size } = statSync(file);
    const inName = readFileSync(file).indexOf('"labels"') + 3;
    let refused = 0;
    for (const at of [inName, ...Array.from({ length: size / 997 }, (_, step) => step * 997)]) {
      const bytes = readFileSync(join(folder, "whole"));
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
      writeFileSync(file, bytes);
      const found = await reopen().catch((error: unknown) => error);
      refused += found instanceof StoreError ? 1 : 0;
      expect(found instanceof StoreError ? state : found).toEqual(state);
    }
    expect(refused).toBeGreaterThan(20);
  });

  test("that was cut off is refused, and left as it is", async () => {
    await fill();
    const file = join(data, "state.sqlite");
    truncateSync(file, 10_000);
    await expect(reopen()).rejects.toThrow(/state.sqlite .* remove it to begin anew/);
    expect(statSync(file).size).toBe(10_000);
    writeFileSync(file, "this is no database at all, but a text of some length");
    await expect(reopen()).rejects.toThrow(StoreError);
  });
});

function diskInMemory(): {
  readonly store: StoreFile;
  readonly sync: () => Promise<void>;
  readonly end: () => void;
  readonly syncs: () => number;
  readonly fail: (what: "write" | "sync" | null) => void;
} {
  const store = openStoreFile(":memory:");
  let failing: "write" | "sync" | null = null;
  let syncs = 0;
  function check(what: "write" | "sync"): void {
    if (failing === what) {
      throw new Error("disk full");
    }
  }
  return {
    store: {
      ...store,
      write: (changes) => {
        check("write");
        store.write(changes);
      },
    },
    sync: async () => {
      check("sync");
      syncs += 1;
      return Promise.resolve();
    },
    end: () => undefined,
    syncs: () => syncs,
    fail: (what) => {
      failing = what;
    },
  };
}
