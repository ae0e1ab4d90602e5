import { ownerText } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { EnvironmentProject, Settings } from "../settings.ts";
import { ACCOUNT_IDS, accountName, needsApis, needsMark } from "./names.ts";
import type { AccountId } from "./names.ts";

const PURPOSES: Readonly<Record<AccountId, string>> = {
  "slipway-run": "the functions that act run as it",
  "slipway-api": "the function that people reach runs as it; it can decide and cannot act",
  "slipway-events": "push subscriptions present its token to the functions",
  "slipway-build": "Cloud Build makes the functions' containers as it",
  "slipway-deploy": "Cloud Deploy renders and deploys releases as it",
};

/** Slipway's accounts. */
export function accounts(settings: Settings): readonly Resource[] {
  return ACCOUNT_IDS.map((id) => ({
    kind: "account",
    name: accountName(settings, id),
    project: settings.project,
    needs: [needsApis(settings.project), needsMark(settings)],
    fields: {
      displayName: id,
      description: `${ownerText(settings.project)} ${PURPOSES[id]}`,
    },
    why: `Each part has an account of its own: ${PURPOSES[id]}.`,
  }));
}

/** What the state needs. Nothing deletes there: no function can take back what is on the record. */
const STATE = [
  "datastore.databases.get",
  "datastore.entities.create",
  "datastore.entities.get",
  "datastore.entities.list",
  "datastore.entities.update",
];

const ENVIRONMENT = [
  "monitoring.alerts.list",
  "run.executions.get",
  "run.executions.list",
  "run.jobs.get",
  "run.jobs.run",
  "run.jobs.runWithOverrides",
  "run.jobs.update",
  "run.operations.get",
  "run.revisions.get",
  "run.services.get",
];

const CLOUD_SQL = [
  "cloudsql.backupRuns.create",
  "cloudsql.backupRuns.delete",
  "cloudsql.backupRuns.get",
  "cloudsql.backupRuns.list",
  "cloudsql.instances.get",
  "cloudsql.instances.list",
  "cloudsql.instances.restoreBackup",
];

const GKE_BACKUP = [
  "gkebackup.backupPlans.get",
  "gkebackup.backups.create",
  "gkebackup.backups.delete",
  "gkebackup.backups.get",
  "gkebackup.backups.list",
  "gkebackup.restorePlans.list",
  "gkebackup.restores.create",
  "gkebackup.restores.get",
  "gkebackup.restores.list",
];

/** What deploying to Cloud Run takes; the policy too, since a manifest may let everybody in. */
const DEPLOY = [
  "resourcemanager.projects.get",
  "run.executions.get",
  "run.executions.list",
  "run.jobs.create",
  "run.jobs.get",
  "run.jobs.list",
  "run.jobs.run",
  "run.jobs.update",
  "run.locations.list",
  "run.operations.get",
  "run.revisions.get",
  "run.revisions.list",
  "run.routes.get",
  "run.services.create",
  "run.services.get",
  "run.services.getIamPolicy",
  "run.services.list",
  "run.services.setIamPolicy",
  "run.services.update",
];

/** The custom roles: where a role of Google's gives too much or too little. */
export function roles(settings: Settings): readonly Resource[] {
  const { project } = settings;
  return [
    role(settings, project, {
      id: "slipwayState",
      title: "Slipway state",
      permissions: STATE,
      why: "Functions read and write state, and can delete none of it.",
    }),
    ...settings.environments.flatMap((environment) => [
      role(settings, environment.project, {
        id: "slipwayEnvironment",
        title: "Slipway environment",
        permissions: environmentPermissions(environment),
        why: "Migrations, backups and looks in an environment take no more than this.",
      }),
      role(settings, environment.project, {
        id: "slipwayDeploy",
        title: "Slipway deploy",
        permissions: DEPLOY,
        why: "Releases are deployed to Cloud Run with no more than this.",
      }),
    ]),
  ];
}

/** What Slipway itself does in an environment: only what its specifications use. */
function environmentPermissions({ cloudSql, gkeBackup }: EnvironmentProject): readonly string[] {
  return [
    ...ENVIRONMENT,
    ...(cloudSql ? CLOUD_SQL : []),
    ...(gkeBackup ? GKE_BACKUP : []),
  ].toSorted();
}

type RoleText = {
  readonly id: string;
  readonly title: string;
  readonly permissions: readonly string[];
  readonly why: string;
};

function role(
  settings: Settings,
  project: string,
  { id, title, permissions, why }: RoleText,
): Resource {
  return {
    kind: "role",
    name: `projects/${project}/roles/${id}`,
    project,
    needs: [needsApis(project), needsMark(settings)],
    fields: {
      title,
      description: `${ownerText(settings.project)} ${why}`,
      includedPermissions: permissions,
      stage: "GA",
    },
    why,
  };
}
