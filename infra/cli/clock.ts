import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { followedClock } from "../../shared/adapters/followed-clock.ts";
import { clockFile } from "../local/clock-file.ts";
import type { GlobalOptions } from "./options.ts";
import { readSettings } from "./settings.ts";

/**
 * What time it is for the API that a command asks: in the local cloud, whose clock people move, or on this machine. In
 * milliseconds since the epoch.
 */
export function timeOf(options: Pick<GlobalOptions, "api">): number {
  const local = findLocal(process.cwd());
  const api = options.api ?? readSettings().api ?? local?.api;
  return local !== null && api === local.api
    ? followedClock(clockFile(local.folder)).now()
    : Date.now();
}

/** The folder with the local cloud's description, and its API; null where there is none that can be read. */
function findLocal(from: string): { readonly folder: string; readonly api: string } | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = readApi(join(folder, ".slipway", "local.json"));
    if (found !== null) {
      return { folder, api: found };
    }
    if (folder === dirname(folder)) {
      return null;
    }
  }
}

function readApi(file: string): string | null {
  try {
    const described: unknown = JSON.parse(readFileSync(file, "utf8"));
    return typeof described === "object" && described !== null && "api" in described
      ? String(described.api)
      : null;
  } catch {
    return null;
  }
}
