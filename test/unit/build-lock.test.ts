import { describe, expect, test } from "vitest";
import { pickLocked, readLock, versionOf } from "../../infra/build/lock.ts";
import type { Lock } from "../../infra/build/lock.ts";

function lockOf(packages: Lock["packages"]): Lock {
  return readLock(JSON.stringify({ lockfileVersion: 3, packages: { "": {}, ...packages } }));
}

function picked(packages: Lock["packages"]): readonly string[] {
  return Object.keys(pickLocked(lockOf(packages), ["web"]));
}

/** One package that needs another in this way, which lacks. */
function needing(kind: string): Lock["packages"] {
  return { "node_modules/web": { [kind]: { gone: "^1.0.0" } } };
}

describe("a part of a lockfile", () => {
  test("has the package and all that it needs, directly or not, and nothing else", () => {
    expect(
      picked({
        "node_modules/web": { dependencies: { body: "^1.0.0" } },
        "node_modules/body": { dependencies: { bytes: "^1.0.0" } },
        "node_modules/bytes": {},
        "node_modules/other": { dependencies: { bytes: "^1.0.0" } },
      }),
    ).toEqual(["node_modules/body", "node_modules/bytes", "node_modules/web"]);
  });

  test("takes what lies nearest above, as Node does", () => {
    expect(
      picked({
        "node_modules/web": { dependencies: { a: "^1.0.0" } },
        "node_modules/web/node_modules/a": { dependencies: { b: "^1.0.0" } },
        "node_modules/web/node_modules/b": {},
        "node_modules/a": {},
        "node_modules/b": {},
      }),
    ).toEqual([
      "node_modules/web",
      "node_modules/web/node_modules/a",
      "node_modules/web/node_modules/b",
    ]);
  });

  test("ends where packages need each other", () => {
    expect(
      picked({
        "node_modules/web": { dependencies: { a: "^1.0.0" } },
        "node_modules/a": { dependencies: { web: "^1.0.0" } },
      }),
    ).toEqual(["node_modules/a", "node_modules/web"]);
  });

  test("is refused when a package lacks, unless it is optional", () => {
    expect(() => picked(needing("dependencies"))).toThrow("the lockfile lacks");
    expect(picked(needing("optionalDependencies"))).toEqual(["node_modules/web"]);
    expect(picked(needing("peerDependencies"))).toEqual(["node_modules/web"]);
  });

  test("keeps what the lockfile says of a package", () => {
    const web = { version: "1.2.3", integrity: "sha512-abc", bin: { web: "main.js" } };
    const lock = lockOf({ "node_modules/web": web });
    expect(pickLocked(lock, ["web"])).toEqual({ "node_modules/web": web });
    expect(versionOf(lock, "web")).toBe("1.2.3");
    expect(() => versionOf(lock, "gone")).toThrow("gone is not in the lockfile");
  });
});
