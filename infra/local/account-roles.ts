import type { Policies } from "../../emulators/kit/access/policies.ts";
import type { Policy } from "../../emulators/kit/access/policy.ts";
import { environmentPermissions, STATE_PERMISSIONS } from "../platform/table/permissions.ts";
import { serviceName } from "./access.ts";
import { ENVIRONMENT_PROJECTS } from "./projects.ts";
import { TOPICS, topicName } from "./topics.ts";
import {
  LOCAL_EVENTS_ACCOUNT,
  LOCAL_LOCATION,
  LOCAL_ORGANIZATION,
  LOCAL_OWNER,
  LOCAL_PEOPLE,
  LOCAL_PROJECT,
  LOCAL_REPOSITORY,
} from "./settings.ts";

/** The accounts as which the functions run and Cloud Deploy deploys. */
export const ACCOUNTS = {
  run: accountOf("slipway-run"),
  api: accountOf("slipway-api"),
  deploy: accountOf("slipway-deploy"),
  events: LOCAL_EVENTS_ACCOUNT,
} as const;

/** Who installs the local cloud. */
export const OWNER = `user:${LOCAL_OWNER}`;

/** Who pushes images to it. */
export const DEVELOPER = `user:${LOCAL_PEOPLE.deployer}`;

const PROJECT = `projects/${LOCAL_PROJECT}`;

/** A custom role of a project; only there it can be granted. */
export type CustomRole = {
  readonly project: string;
  readonly id: string;
  readonly permissions: readonly string[];
};

/** The custom roles that the grants name. */
export const CUSTOM_ROLES: readonly CustomRole[] = [
  { project: LOCAL_PROJECT, id: "slipwayState", permissions: STATE_PERMISSIONS },
  ...ENVIRONMENT_PROJECTS.map((project) => ({
    project,
    id: "slipwayEnvironment",
    permissions: environmentPermissions({ cloudSql: true, gkeBackup: true }),
  })),
];

/** A role for members, on a resource. */
type Grant = readonly [resource: string, role: string, ...members: readonly string[]];

const RUN = `serviceAccount:${ACCOUNTS.run}`;
const API = `serviceAccount:${ACCOUNTS.api}`;

/** Who gets which role: as few as the functions and people need. */
const GRANTS: readonly Grant[] = [
  [PROJECT, "roles/owner", OWNER],
  [PROJECT, `${PROJECT}/roles/slipwayState`, RUN, API],
  [PROJECT, "roles/clouddeploy.releaser", RUN],
  [topicName(TOPICS.audit), "roles/pubsub.publisher", RUN, API],
  [topicName(TOPICS.work), "roles/pubsub.publisher", RUN, API],
  [`${PROJECT}/serviceAccounts/${ACCOUNTS.deploy}`, "roles/iam.serviceAccountUser", RUN],
  [repository(), "roles/artifactregistry.reader", RUN],
  [repository(), "roles/artifactregistry.writer", DEVELOPER],
  [
    serviceName("api"),
    "roles/run.invoker",
    `domain:${LOCAL_ORGANIZATION}`,
    "allAuthenticatedUsers",
  ],
  ...["on-image-push", "on-deploy-notification", "on-incident", "on-tick", "on-work"].map(
    (name): Grant => [serviceName(name), "roles/run.invoker", `serviceAccount:${ACCOUNTS.events}`],
  ),
];

/** What Slipway may do where services run, beside the owner. */
const ENVIRONMENT_GRANTS = ENVIRONMENT_PROJECTS.map((id) => `projects/${id}`).flatMap(
  (project): readonly Grant[] => [
    [project, "roles/owner", OWNER],
    [project, `${project}/roles/slipwayEnvironment`, RUN],
    [project, "roles/secretmanager.secretAccessor", RUN],
  ],
);

/** Sets the policies that these grants make. */
export function grantAll(policies: Policies): void {
  for (const [resource, grants] of Map.groupBy(
    [...GRANTS, ...ENVIRONMENT_GRANTS],
    ([name]) => name,
  )) {
    const bindings: Policy["bindings"] = grants.map(([, role, ...members]) => ({ role, members }));
    policies.set(resource, { bindings });
  }
}

function repository(): string {
  return `${PROJECT}/locations/${LOCAL_LOCATION}/repositories/${LOCAL_REPOSITORY}`;
}

function accountOf(id: string): string {
  return `${id}@${LOCAL_PROJECT}.iam.gserviceaccount.com`;
}
