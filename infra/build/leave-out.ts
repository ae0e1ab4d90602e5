import { globSync, readFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { basename, join } from "node:path";
import { prunedProtos } from "../../emulators/kit/prune-protos.ts";
import { CALLED_SERVICES } from "./called-services.ts";
import { COMPILED_TYPES } from "./empty-modules.ts";
import { REPOSITORY } from "./sources.ts";

const PACKAGES = "node_modules/{@google-cloud/*,google-gax}/build";

/** What applies specifications calls these beside what the functions do. */
const ALSO_CALLED = ["google.cloud.scheduler.v1.CloudScheduler"];

const CALLED: ReadonlySet<string> = new Set([...CALLED_SERVICES, ...ALSO_CALLED]);

/** Files of clients that are called, as they are named: `cloud_deploy_client.js`. */
const CALLED_CLIENTS: ReadonlySet<string> = new Set(
  [...CALLED].map((service) => {
    const name = service.slice(service.lastIndexOf(".") + 1);
    return `${name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase()}_client.js`;
  }),
);

/**
 * Has this thread take what it does not use of Google's packages for loaded, and empty: compiled types, clients of services
 * that nothing calls, and their descriptions. Each package loads all of its own, and they are the most of it. The
 * bundle leaves them out too. To be called before the first of the packages is loaded.
 */
export function leaveOutUnused(): void {
  const { cache } = createRequire(import.meta.url);
  for (const file of filesOf("protos/*.js").filter((one) => COMPILED_TYPES.test(one))) {
    cache[file] = loadedModule(file);
  }
  for (const file of filesOf("src/v*/*_client.js")) {
    if (!CALLED_CLIENTS.has(basename(file))) {
      cache[file] = loadedModule(file);
    }
  }
  for (const file of filesOf("protos/*.json")) {
    cache[file] = withDescription(file);
  }
}

/** Most descriptions are never asked for, and one of several services by the client of each. */
function withDescription(file: string): NodeJS.Module {
  let pruned: unknown;
  return Object.defineProperty(loadedModule(file), "exports", {
    get: () => (pruned ??= prunedProtos(readFileSync(file, "utf8"), (one) => CALLED.has(one))),
  });
}

function filesOf(place: string): readonly string[] {
  return globSync(`${PACKAGES}/${place}`, { cwd: REPOSITORY }).map((name) =>
    join(REPOSITORY, name),
  );
}

function loadedModule(file: string): NodeJS.Module {
  return Object.assign(new Module(file), { filename: file, loaded: true, exports: {} });
}
