import { ownerText } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { EnvironmentProject, Settings } from "../settings.ts";
import { ACCOUNT_IDS, accountName, needsApis, needsMark } from "./names.ts";
import type { AccountId } from "./names.ts";
import {
  DEPLOY_PERMISSIONS,
  environmentPermissions,
  lookPermissions,
  STATE_PERMISSIONS,
} from "./permissions.ts";

const PURPOSES: Readonly<Record<AccountId, string>> = {
  "slipway-run": "the functions that act run as it",
  "slipway-api": "the function that people reach runs as it; it can decide and cannot act",
  "slipway-notice": "the function that tells people runs as it; it cannot act on an environment",
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

/** The custom roles: where a role of Google's gives too much or too little. */
export function roles(settings: Settings): readonly Resource[] {
  const { project } = settings;
  return [
    role(settings, project, {
      id: "slipwayState",
      title: "Slipway state",
      permissions: STATE_PERMISSIONS,
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
        permissions: DEPLOY_PERMISSIONS,
        why: "Releases are deployed to Cloud Run with no more than this.",
      }),
      ...lookRole(settings, environment),
    ]),
  ];
}

/** Only where there is something to look at. */
function lookRole(settings: Settings, environment: EnvironmentProject): readonly Resource[] {
  const permissions = lookPermissions(environment);
  return permissions.length === 0
    ? []
    : [
        role(settings, environment.project, {
          id: "slipwayLook",
          title: "Slipway look",
          permissions,
          why: "Whether a backup can be restored is seen with no more than this, before it is decided.",
        }),
      ];
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
