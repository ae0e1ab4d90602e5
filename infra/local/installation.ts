import type { Ports } from "../../shared/ports/ports.ts";
import { defaultSourcesBucket } from "../plan/installation.ts";
import type { Installation } from "../plan/installation.ts";
import { LOCAL_LOCATION, LOCAL_PROJECT } from "./settings.ts";

/** The installation that the local cloud is. `cloudDeploy` is `HOST:PORT`, `storage` a URL. */
export function localInstallation(
  ports: Ports,
  endpoints: { readonly cloudDeploy: string; readonly storage: string },
): Installation {
  return {
    project: LOCAL_PROJECT,
    location: LOCAL_LOCATION,
    pipelineProject: "own",
    sourcesBucket: defaultSourcesBucket(LOCAL_PROJECT),
    ports,
    endpoints,
  };
}
