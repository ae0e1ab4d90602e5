import { UNSCOPED } from "../../shared/domain/scoping.ts";
import type { Actor } from "../../shared/domain/release.ts";
import type { DecidingPorts } from "../../shared/ports/ports.ts";
import { directRecords } from "../plan/direct-records.ts";
import { defaultSourcesBucket } from "../plan/installation.ts";
import type { Installation } from "../plan/installation.ts";
import type { CloudEndpoints } from "../resources/cloud.ts";
import { defaultDeployAccount } from "../resources/execution.ts";
import { defaultProbeAccount } from "../resources/invoker.ts";
import { LOCAL_LOCATION, LOCAL_ORGANIZATION, LOCAL_PROJECT } from "./settings.ts";

/** The installation that the local cloud is, to which somebody applies specifications without its API. */
export function localInstallation(
  ports: DecidingPorts,
  endpoints: CloudEndpoints,
  by: Actor,
): Installation {
  return {
    project: LOCAL_PROJECT,
    location: LOCAL_LOCATION,
    pipelineProject: "own",
    sourcesBucket: defaultSourcesBucket(LOCAL_PROJECT),
    deployAccount: defaultDeployAccount(LOCAL_PROJECT),
    probeAccount: defaultProbeAccount(LOCAL_PROJECT),
    scoping: UNSCOPED,
    records: directRecords(ports, by),
    looks: null,
    organization: LOCAL_ORGANIZATION,
    takesOver: false,
    endpoints,
  };
}
