import type { Google } from "../kinds/google.ts";
import type { Settings } from "../settings.ts";
import { WEB_FUNCTION } from "../table/functions.ts";
import { runServiceName } from "../table/names.ts";
import { warning, well } from "./finding.ts";
import type { Finding } from "./finding.ts";

/**
 * Whether Identity-Aware Proxy stands before the pages. While it does not, Cloud Run lets nobody through to them. A
 * function has no field for it, so that a person turns it on.
 * Source: https://cloud.google.com/run/docs/securing/identity-aware-proxy-cloud-run
 */
export async function pagesFindings(
  google: Google,
  settings: Settings,
): Promise<readonly Finding[]> {
  const path = runServiceName(settings, WEB_FUNCTION);
  const service = await google.find("run", { method: "GET", path: `v2/${path}` });
  if (service === null) {
    return [];
  }
  const { project, location } = settings;
  return service["iapEnabled"] === true
    ? [well("pages", "Identity-Aware Proxy stands before them")]
    : [
        warning(
          "pages",
          "Identity-Aware Proxy is off before the pages, so nobody can open them",
          `gcloud beta run services update ${WEB_FUNCTION} --iap --project=${project} --region=${location}`,
        ),
      ];
}
