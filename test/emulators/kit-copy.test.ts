import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { keepMaps } from "../../emulators/kit/kept-maps.ts";
import { directoryPersistence, passingPersistence } from "../../emulators/kit/store.ts";

function someMaps(): {
  readonly records: Map<string, unknown>;
  readonly others: Map<string, unknown>;
} {
  return {
    records: new Map<string, unknown>([
      ["a", { n: 1, inner: { x: [{ z: 1 }] } }],
      ["b", true],
    ]),
    others: new Map<string, unknown>([["é", { text: "…" }]]),
  };
}

describe("a copy", () => {
  test.each(["kept", "in memory"] as const)(
    "of what is %s has all of it, at the moment when it was asked for",
    async (where) => {
      const folder = mkdtempSync(join(tmpdir(), "slipway-copy-"));
      const file = join(folder, "copy.sqlite");
      const from =
        where === "kept" ? directoryPersistence(join(folder, "data")) : passingPersistence(null);
      const held = { records: new Map<string, unknown>(), others: new Map<string, unknown>() };
      keepMaps(from, "some", held);
      for (const [key, value] of someMaps().records) {
        held.records.set(key, value);
      }
      held.others.set("é", { text: "…" });
      const copied = from.copyTo(file);
      held.records.clear();
      await copied;
      expect(statSync(file).mode & 0o077).toBe(0);
      for (let time = 0; time < 2; time += 1) {
        const found = { records: new Map<string, unknown>(), others: new Map<string, unknown>() };
        keepMaps(passingPersistence(file), "some", found);
        expect(found).toEqual(someMaps());
        found.records.clear();
      }
      await from.close();
      rmSync(folder, { recursive: true });
    },
  );
});
