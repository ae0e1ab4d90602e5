import { statusOf } from "../../../shared/adapters/google-errors.ts";
import type { Environment } from "../../../shared/domain/service.ts";
import type { Path } from "../../../shared/wire/spec/problem.ts";
import { textOf } from "../../platform/resource.ts";
import type { Fields } from "../../platform/resource.ts";
import type { Google } from "../../platform/kinds/google.ts";
import { disabledApi } from "../../platform/preflight/off-api.ts";
import { lacking } from "./named.ts";
import type { Named } from "./named.ts";

/** The statuses of a project that is not there, or that may not be seen: Google does not tell which. */
const UNSEEN: ReadonlySet<string> = new Set(["NOT_FOUND", "PERMISSION_DENIED"]);

/**
 * A project. One that cannot be seen is refused like one that is not there: who applies reads what runs in it, and may
 * see it therefore.
 */
export function projectNamed(path: Path, project: string, correct: string): Named {
  return {
    path,
    what: `project ${project}`,
    project,
    key: `project ${project}`,
    unseen: lacking("resourcemanager.projects.get", "roles/run.viewer", project),
    isGivenLocally: true,
    isBehindApi: false,
    look: async (google) => {
      const found = await readProject(google, project);
      if (found === null) {
        const what = `there is no project ${project}, or you may not see it`;
        return {
          what,
          mend: `gcloud projects create ${project}, ask for roles/run.viewer in it, or ${correct}`,
        };
      }
      return (found["state"] ?? "ACTIVE") === "ACTIVE"
        ? null
        : {
            what: `project ${project} is being deleted`,
            mend: `gcloud projects undelete ${project}, or ${correct}`,
          };
    },
  };
}

async function readProject(google: Google, project: string): Promise<Fields | null> {
  try {
    return await google.call("resourcemanager", { method: "GET", path: `v3/projects/${project}` });
  } catch (error) {
    if (UNSEEN.has(statusOf(error)) && disabledApi(error) === null) {
      return null;
    }
    throw error;
  }
}

/**
 * That somebody pays for a project: without that nothing can be deployed. Who may not see it is not told so.
 * Source: https://cloud.google.com/billing/docs/reference/rest/v1/projects/getBillingInfo
 */
export function billingNamed(path: Path, project: string): Named {
  return {
    path,
    what: `a billing account of project ${project}`,
    project,
    key: `billing ${project}`,
    unseen: null,
    isGivenLocally: true,
    isBehindApi: false,
    look: async (google) => {
      const request = { method: "GET", path: `v1/projects/${project}/billingInfo` } as const;
      const found = await google.find("billing", request);
      return found?.["billingEnabled"] === false
        ? {
            what: `project ${project} has no billing account`,
            mend: `gcloud billing projects link ${project} --billing-account=ACCOUNT`,
          }
        : null;
    },
  };
}

/**
 * A group. Google mostly answers the same to whoever may not see it and to whoever asks for one that is not there.
 * Source: https://cloud.google.com/identity/docs/reference/rest/v1/groups/lookup
 */
export function groupNamed(path: Path, email: string): Named {
  return {
    path,
    what: `group ${email}`,
    project: "",
    key: `group ${email}`,
    unseen: `you may not see it: ask somebody who may with gcloud identity groups describe ${email}`,
    isGivenLocally: false,
    isBehindApi: false,
    look: async (google) => {
      const query = { "groupKey.id": email };
      const request = { method: "GET", path: "v1/groups:lookup", query } as const;
      const mend = "correct its address, or make it in the Admin console";
      return (await google.find("identity", request)) === null
        ? { what: `there is no group ${email}`, mend }
        : null;
    },
  };
}

/** A database of an environment that promotions can back up, such as one of its service's name. */
export function databaseNamed(
  path: Path,
  service: string,
  { id, project, region }: Pick<Environment, "id" | "project" | "region">,
): Named {
  return {
    path,
    what: `a Cloud SQL instance in project ${project}`,
    project,
    key: `database ${project}`,
    unseen: lacking("cloudsql.instances.list", "roles/cloudsql.viewer", project),
    isGivenLocally: false,
    isBehindApi: true,
    look: async (google) => {
      const instances = `v1/projects/${project}/instances`;
      const found = await google.list("sqladmin", instances, { items: "items" });
      return found.some(isPrimary)
        ? null
        : {
            what: `project ${project} has no Cloud SQL instance, so each promotion into ${id} would fail at its backup`,
            mend: `gcloud sql instances create ${service} --project=${project} --region=${region} --database-version=POSTGRES_17, or set delivery.environments.${id}.backup.cloudSQL to none`,
          };
    },
  };
}

/** The kinds of instances that are databases of one's own, as the API leaves them out or names them. */
const OWN_INSTANCE: ReadonlySet<string> = new Set([
  "",
  "CLOUD_SQL_INSTANCE",
  "SQL_INSTANCE_TYPE_UNSPECIFIED",
]);

/** Replicas cannot be backed up, and what is replicated from elsewhere is not ours. */
function isPrimary({ instanceType, masterInstanceName }: Fields): boolean {
  return OWN_INSTANCE.has(textOf(instanceType)) && textOf(masterInstanceName) === "";
}
