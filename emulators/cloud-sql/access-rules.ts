import type { Message } from "../kit/call.ts";
import { type Rule, type Rules, textAt } from "../kit/access/rules.ts";

/** Rights on an instance and on what is in it are rights on the instance, or else on the project. */
function on(permission: string): Rule {
  return (request: Message) => {
    const instance = textAt(request, "instance");
    const resource = `projects/${textAt(request, "project")}`;
    return [
      {
        permission: `cloudsql.${permission}`,
        resource: instance === "" ? resource : `${resource}/instances/${instance}`,
      },
    ];
  };
}

/** The permission of each method. Source: https://cloud.google.com/sql/docs/postgres/roles-and-permissions */
export const RULES: Rules = {
  "SqlInstancesService/Insert": on("instances.create"),
  "SqlInstancesService/Get": on("instances.get"),
  "SqlInstancesService/List": on("instances.list"),
  "SqlInstancesService/Patch": on("instances.update"),
  "SqlInstancesService/Delete": on("instances.delete"),
  "SqlInstancesService/RestoreBackup": on("instances.restoreBackup"),
  "SqlInstancesService/GetLatestRecoveryTime": on("instances.get"),
  "SqlBackupRunsService/Insert": on("backupRuns.create"),
  "SqlBackupRunsService/Get": on("backupRuns.get"),
  "SqlBackupRunsService/List": on("backupRuns.list"),
  "SqlBackupRunsService/Delete": on("backupRuns.delete"),
  "SqlOperationsService/Get": on("instances.get"),
  "SqlOperationsService/List": on("instances.get"),
};
