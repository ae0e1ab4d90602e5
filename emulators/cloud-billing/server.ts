import { z } from "zod";
import { permissionDenied } from "../kit/access/guard.ts";
import { needs } from "../kit/access/rules.ts";
import type { Projects } from "../kit/projects.ts";
import { type RestMethod, taking } from "../kit/rest-table.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";

/** How the emulator runs. Who pays for a project is told with the projects. */
export type CloudBillingOptions = EmulatorOptions & { readonly projects: Projects };

const SERVICE = "cloudbilling.googleapis.com";
const PERMISSION = "resourcemanager.projects.get";

/**
 * Starts the one method of Cloud Billing that says whether somebody pays for a project.
 * @throws Error when the port is taken.
 */
export async function startCloudBilling(options: CloudBillingOptions): Promise<RunningServer> {
  return serve({
    ...options,
    rest: [getBillingInfo(options.projects)],
    guard: { service: SERVICE },
  });
}

/** Source: https://cloud.google.com/billing/docs/reference/rest/v1/projects/getBillingInfo */
function getBillingInfo(projects: Projects): RestMethod {
  return {
    name: "google.cloud.billing.v1.CloudBilling/GetProjectBillingInfo",
    at: ["GET", "/v1/{name=projects/*}/billingInfo"],
    needs: needs(PERMISSION, "name"),
    takes: taking(z.strictObject({ name: z.string() }), ({ name }) => {
      const project = projects.find(name);
      if (project === null) {
        throw permissionDenied({ permission: PERMISSION, resource: name }, SERVICE);
      }
      const { projectId, billingAccount } = project;
      return {
        name: `projects/${projectId}/billingInfo`,
        projectId,
        billingAccountName: billingAccount ?? "",
        billingEnabled: billingAccount !== null,
      };
    }),
  };
}
