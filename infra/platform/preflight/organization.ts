import type { Google } from "../kinds/google.ts";
import { isObject, objects } from "../resource.ts";
import type { Platform } from "../settings.ts";
import type { Obstacle } from "../engine/plan.ts";

/** Policies of organizations that an installation meets, and what to do about each. */
const CONSTRAINTS = [
  {
    id: "iam.disableServiceAccountCreation",
    what: "service accounts may not be made",
    mend: "ask who looks after the organization's policies for an exception of this project",
  },
  {
    id: "iam.managed.disableServiceAccountCreation",
    what: "service accounts may not be made",
    mend: "ask who looks after the organization's policies for an exception of this project",
  },
  {
    id: "cloudfunctions.requireVPCConnector",
    what: "functions must have a VPC connector, and Slipway's have none",
    mend: "ask for an exception of this project",
  },
] as const;

/**
 * What the organization forbids and the installation needs, as far as the caller may see it: who may not is not
 * stopped for it.
 * Source: https://cloud.google.com/resource-manager/docs/reference/orgpolicy/rest
 */
export async function organizationObstacles(
  google: Google,
  { project }: Platform,
): Promise<readonly Obstacle[]> {
  const looks = CONSTRAINTS.map(async ({ id, what, mend }): Promise<readonly Obstacle[]> => {
    const path = `v2/projects/${project}/policies/${id}:getEffectivePolicy`;
    try {
      const { spec } = await google.call("orgpolicy", { method: "GET", path });
      const rules = objects(isObject(spec) ? spec["rules"] : []);
      const isEnforced = rules.some((rule) => rule["enforce"] === true);
      return isEnforced ? [{ what: `policy ${id} of the organization: ${what}`, mend }] : [];
    } catch {
      return [];
    }
  });
  return (await Promise.all(looks)).flat();
}
