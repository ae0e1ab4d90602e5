import { UNSCOPED } from "../../shared/domain/scoping.ts";
import type { Ports } from "../../shared/ports/ports.ts";
import { defaultSourcesBucket } from "../plan/installation.ts";
import type { Installation } from "../plan/installation.ts";
import type { CloudEndpoints } from "../resources/cloud.ts";
import { defaultDeployAccount } from "../resources/execution.ts";
import { LOCAL_LOCATION, LOCAL_ORGANIZATION, LOCAL_PROJECT } from "./settings.ts";

/** The installation that the local cloud is. */
export function localInstallation(ports: Ports, endpoints: CloudEndpoints): Installation {
  return {
    project: LOCAL_PROJECT,
    location: LOCAL_LOCATION,
    pipelineProject: "own",
    sourcesBucket: defaultSourcesBucket(LOCAL_PROJECT),
    deployAccount: defaultDeployAccount(LOCAL_PROJECT),
    scoping: UNSCOPED,
    ports,
    organization: LOCAL_ORGANIZATION,
    takesOver: false,
    endpoints,
  };
}
