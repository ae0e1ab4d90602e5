import { startCloudBilling } from "../../emulators/cloud-billing/server.ts";
import { startIam } from "../../emulators/iam/server.ts";
import { knownServices } from "../../emulators/kit/access/service-titles.ts";
import type { CloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import type { Clock } from "../../emulators/kit/clock.ts";
import type { Persistence } from "../../emulators/kit/persistence.ts";
import type { RunningServer } from "../../emulators/kit/server.ts";
import { startResourceManager } from "../../emulators/resource-manager/server.ts";
import { startServiceUsage } from "../../emulators/service-usage/server.ts";
import type { Endpoint } from "./ports.ts";
import { LOCAL_PROJECTS } from "./projects.ts";
import { LOCAL_PROJECT } from "./settings.ts";

/** What projects have, and who may do what there. */
export type Administration = {
  readonly iam: RunningServer;
  readonly resourceManager: RunningServer;
  readonly serviceUsage: RunningServer;
  readonly cloudBilling: RunningServer;
};

/**
 * What a new project has from the start, and what its repository of images is behind.
 * Source: https://cloud.google.com/service-usage/docs/enabled-service
 */
const ENABLED = ["serviceusage.googleapis.com", "artifactregistry.googleapis.com"];

/**
 * Starts what administers the projects. The APIs of Slipway's own are off until it is installed. In the others services
 * run already.
 */
export async function startAdministration(place: {
  readonly ports: Readonly<Record<Endpoint, number>>;
  readonly persistence: Persistence | undefined;
  readonly access: CloudAccess;
  readonly clock: Clock;
}): Promise<Administration> {
  const { ports, persistence, access, clock } = place;
  const options = { clock, persistence, access, projects: LOCAL_PROJECTS };
  const enabled = { enabled: ENABLED, enabledIn: enabledInOthers() };
  const [iam, resourceManager, serviceUsage, cloudBilling] = await Promise.all([
    startIam({ ...options, port: ports.iam }),
    startResourceManager({ ...options, port: ports.resourceManager }),
    startServiceUsage({ ...options, ...enabled, port: ports.serviceUsage }),
    startCloudBilling({ ...options, port: ports.cloudBilling }),
  ]);
  return { iam, resourceManager, serviceUsage, cloudBilling };
}

function enabledInOthers(): Readonly<Record<string, readonly string[]>> {
  const others = LOCAL_PROJECTS.all().filter(({ projectId }) => projectId !== LOCAL_PROJECT);
  return Object.fromEntries(others.map(({ projectId }) => [projectId, knownServices()]));
}
