import type { Message } from "../kit/call.ts";
import { type Rule, type Rules, textAt } from "../kit/access/rules.ts";

/** Rights on an instance and on what is in it are rights on the instance, or else on the project. */
function on(permission: string): Rule {
  return (request: Message) => {
    const [, project = textAt(request, "project")] =
      /^projects\/([^/]+)/.exec(textAt(request, "parent") || textAt(request, "name")) ?? [];
    const instance = textAt(request, "instance");
    const resource = `projects/${project}`;
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
  "SqlInstancesService/Update": on("instances.update"),
  "SqlInstancesService/Delete": on("instances.delete"),
  "SqlInstancesService/Clone": on("instances.clone"),
  "SqlInstancesService/RestoreBackup": on("instances.restoreBackup"),
  "SqlInstancesService/GetLatestRecoveryTime": on("instances.get"),
  "SqlDatabasesService/Insert": on("databases.create"),
  "SqlDatabasesService/Get": on("databases.get"),
  "SqlDatabasesService/List": on("databases.list"),
  "SqlDatabasesService/Delete": on("databases.delete"),
  "SqlBackupRunsService/Insert": on("backupRuns.create"),
  "SqlBackupRunsService/Get": on("backupRuns.get"),
  "SqlBackupRunsService/List": on("backupRuns.list"),
  "SqlBackupRunsService/Delete": on("backupRuns.delete"),
  "SqlBackupsService/CreateBackup": on("backupRuns.create"),
  "SqlBackupsService/GetBackup": on("backupRuns.get"),
  "SqlBackupsService/ListBackups": on("backupRuns.list"),
  "SqlBackupsService/UpdateBackup": on("backupRuns.update"),
  "SqlBackupsService/DeleteBackup": on("backupRuns.delete"),
  "SqlOperationsService/Get": on("instances.get"),
  "SqlOperationsService/List": on("instances.get"),
  "SqlOperationsService/Cancel": on("instances.update"),
};
