import { join } from "node:path";
import type { Front, Host } from "../../emulators/cloud-functions/functions.ts";
import { startCloudFunctions } from "../../emulators/cloud-functions/server.ts";
import type { RunningCloudFunctions } from "../../emulators/cloud-functions/server.ts";
import type { CloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import type { Clock } from "../../emulators/kit/clock.ts";
import type { Persistence } from "../../emulators/kit/persistence.ts";
import { REPOSITORY } from "../build/sources.ts";
import type { Endpoint } from "./ports.ts";
import { LOCAL_PROJECT, LOCAL_PROJECT_NUMBER } from "./settings.ts";

/** Starts what builds and runs the functions that are installed. The packages of this repository stand for a registry's. */
export async function startFunctions(place: {
  readonly ports: Readonly<Record<Endpoint, number>>;
  readonly persistence: Persistence | undefined;
  readonly access: CloudAccess;
  readonly clock: Clock;
  /** What runs functions in place. */
  readonly host: Host;
  readonly front: Front;
  /** Where programs are looked for that build functions. */
  readonly path: string | undefined;
  readonly environmentOf: (account: string) => Readonly<Record<string, string>>;
}): Promise<RunningCloudFunctions> {
  const { ports, persistence, access, clock, host, front, path, environmentOf } = place;
  return startCloudFunctions({
    port: ports.cloudFunctions,
    clock,
    persistence,
    access,
    host,
    front,
    environmentOf,
    path,
    modules: join(REPOSITORY, "node_modules"),
    projects: { [LOCAL_PROJECT]: LOCAL_PROJECT_NUMBER },
  });
}
