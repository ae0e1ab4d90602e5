import type { Obstacle } from "../engine/plan.ts";
import { apiName } from "../kinds/google.ts";
import type { Google } from "../kinds/google.ts";
import { findPolicy } from "../kinds/policy.ts";
import type { Platform } from "../settings.ts";
import { CHAT_FUNCTION } from "../table/functions.ts";
import { runServiceName } from "../table/names.ts";
import type { ApiState } from "./api-states.ts";

const ANYBODY = "allUsers";

/**
 * Functions that Cloud Run lets anybody call, but chat, which believes no token. They believe that Cloud Run has checked a token whose signature is
 * gone. Where it checks nobody, whoever writes such a token is whoever they like. What others granted is never taken
 * away, so a person has to.
 * Source: https://cloud.google.com/run/docs/authenticating/public
 */
export async function openFunctions(
  google: Google,
  platform: Platform,
  { functions, stateOf }: { readonly functions: readonly string[]; readonly stateOf: ApiState },
): Promise<readonly Obstacle[]> {
  const { project, location } = platform;
  if (stateOf(project, apiName("run")) !== "on") {
    return [];
  }
  const flags = `--project=${project} --region=${location}`;
  const looks = functions.map(async (name): Promise<readonly Obstacle[]> => {
    if (name === CHAT_FUNCTION) {
      return [];
    }
    const path = runServiceName(platform, name);
    const [policy, service] = await Promise.all([
      findPolicy(google, path),
      google.find("run", { method: "GET", path: `v2/${path}` }),
    ]);
    const open = Object.entries(policy ?? {})
      .filter(([, members]) => members.includes(ANYBODY))
      .map(([role]) => ({
        what: `anybody may call the function ${name}, and so may claim to be anybody: ${ANYBODY} has ${role}`,
        mend: `gcloud run services remove-iam-policy-binding ${name} ${flags} --member=${ANYBODY} --role=${role}`,
      }));
    const isUnchecked = service?.["invokerIamDisabled"] === true;
    const unchecked = {
      what: `anybody may call the function ${name}, and so may claim to be anybody: Cloud Run's check of callers is off`,
      mend: `gcloud run services update ${name} ${flags} --invoker-iam-check`,
    };
    return isUnchecked ? [...open, unchecked] : open;
  });
  return (await Promise.all(looks)).flat();
}
