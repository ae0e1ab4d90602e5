import { z } from "zod";
import { needs } from "../kit/access/rules.ts";
import { googleError } from "../kit/google-error.ts";
import { type RestMethod, taking } from "../kit/rest-table.ts";
import { canonicalName } from "./names.ts";

const LIST = "/v1/{parent=projects/*/locations/*}/deployPolicies";
const SERVICE = "google.cloud.deploy.v1.CloudDeploy";

const GetRequest = z.strictObject({ name: z.string() });
const ListRequest = z.strictObject({
  parent: z.string(),
  pageSize: z.int().optional(),
  pageToken: z.string().optional(),
  filter: z.string().optional(),
  orderBy: z.string().optional(),
});

/**
 * Deploy policies, which the descriptors of `@google-cloud/deploy` 4.0.0 lack. There are none, since making one is not
 * served, and gcloud asks for them.
 * Source: https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.deployPolicies/list
 */
export function deployPolicies(projects: Map<string, string>): readonly RestMethod[] {
  return [
    {
      name: `${SERVICE}/ListDeployPolicies`,
      at: ["GET", LIST],
      needs: needs("clouddeploy.deployPolicies.list", "parent"),
      takes: taking(ListRequest, () => ({})),
    },
    {
      name: `${SERVICE}/GetDeployPolicy`,
      at: ["GET", "/v1/{name=projects/*/locations/*/deployPolicies/*}"],
      needs: needs("clouddeploy.deployPolicies.get", "name"),
      takes: taking(GetRequest, ({ name }) => {
        throw googleError("NOT_FOUND", `Resource '${canonicalName(projects, name)}' was not found`);
      }),
    },
  ];
}
