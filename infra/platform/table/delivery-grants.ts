import { keyOf } from "../resource.ts";
import type { Platform } from "../settings.ts";
import { agentMember } from "./agents.ts";
import type { Grant } from "./grant.ts";
import { accountMember, accountName, sourcesBucket } from "./names.ts";
import { lookPermissions } from "./permissions.ts";

/** What accounts may do where releases come from and go to. */
export function deliveryGrants(platform: Platform): readonly Grant[] {
  return [
    ...deployGrants(platform),
    ...registryGrants(platform),
    ...alertGrants(platform),
    ...platform.environments.flatMap((environment) => environmentGrants(platform, environment)),
  ];
}

function deployGrants(platform: Platform): readonly Grant[] {
  const { project } = platform;
  const deploy = [accountMember(platform, "slipway-deploy")];
  const account = accountName(platform, "slipway-deploy");
  const bucket = sourcesBucket(platform);
  return [
    ...platform.pipelineProjects.flatMap((pipelines): readonly Grant[] => [
      {
        on: `projects/${pipelines}`,
        project: pipelines,
        role: "roles/clouddeploy.releaser",
        members: [accountMember(platform, "slipway-run")],
        why: "Slipway makes releases and rollouts.",
        needs: [],
      },
      {
        on: `projects/${pipelines}`,
        project: pipelines,
        role: "roles/clouddeploy.jobRunner",
        members: deploy,
        why: "Cloud Deploy works as this account.",
        needs: [],
      },
      ...(pipelines === project ? [] : [approval(platform, pipelines)]),
    ]),
    {
      on: account,
      project,
      role: "roles/iam.serviceAccountUser",
      members: [accountMember(platform, "slipway-run")],
      why: "Who makes a release must be allowed to use the account that deploys it.",
      needs: [],
    },
    {
      on: bucket,
      project,
      role: "roles/storage.objectViewer",
      members: deploy,
      why: "Cloud Deploy reads the archives of releases.",
      needs: [keyOf({ kind: "bucket", name: bucket })],
    },
  ];
}

/** Targets of Slipway's own pipelines ask for no approval: its gates have it. Those of adopted ones may. */
function approval(platform: Platform, pipelines: string): Grant {
  return {
    on: `projects/${pipelines}`,
    project: pipelines,
    role: "roles/clouddeploy.approver",
    members: [accountMember(platform, "slipway-run")],
    why: "A target of an adopted pipeline may ask for an approval, which Slipway gives once its own gates are open.",
    needs: [],
  };
}

/** In an environment's project its role has that already. */
function alertGrants(platform: Platform): readonly Grant[] {
  const { incidentsProject, environments } = platform;
  if (
    incidentsProject === null ||
    environments.some(({ project }) => project === incidentsProject)
  ) {
    return [];
  }
  return [
    {
      on: `projects/${incidentsProject}`,
      project: incidentsProject,
      role: "roles/monitoring.alertViewer",
      members: [accountMember(platform, "slipway-run")],
      why: "The gate looks at the alerts of all environments.",
      needs: [],
    },
  ];
}

function registryGrants(platform: Platform): readonly Grant[] {
  const readers = [
    accountMember(platform, "slipway-run"),
    accountMember(platform, "slipway-api"),
    accountMember(platform, "slipway-deploy"),
    ...platform.environments.map(({ project }) => agentMember(platform, project, "run")),
  ];
  return platform.registries.map(({ project, location, repository }) => ({
    on: `projects/${project}/locations/${location}/repositories/${repository}`,
    project,
    role: "roles/artifactregistry.reader",
    members: readers,
    why: "Slipway, Cloud Deploy and Cloud Run of each environment read images.",
    needs: [],
  }));
}

function environmentGrants(
  platform: Platform,
  environment: Platform["environments"][number],
): readonly Grant[] {
  const { project } = environment;
  const run = [accountMember(platform, "slipway-run")];
  const deploy = [accountMember(platform, "slipway-deploy")];
  const uses = (email: string, members: readonly string[], why: string): Grant => ({
    on: `projects/${project}/serviceAccounts/${email}`,
    project,
    role: "roles/iam.serviceAccountUser",
    members,
    why,
    needs: [],
  });
  return [
    {
      on: `projects/${project}`,
      project,
      role: `projects/${project}/roles/slipwayEnvironment`,
      members: run,
      why: "Slipway looks after the environment.",
      needs: [],
    },
    {
      on: `projects/${project}`,
      project,
      role: `projects/${project}/roles/slipwayDeploy`,
      members: deploy,
      why: "Cloud Deploy deploys there.",
      needs: [],
    },
    ...(lookPermissions(environment).length === 0
      ? []
      : [
          {
            on: `projects/${project}`,
            project,
            role: `projects/${project}/roles/slipwayLook`,
            members: [accountMember(platform, "slipway-api")],
            why: "The API looks whether there is a backup before it decides on a restore.",
            needs: [],
          },
        ]),
    ...environment.runtimeAccounts.map((email) =>
      uses(email, deploy, "Who deploys a service must be allowed to use its account."),
    ),
    ...environment.jobAccounts.map((email) =>
      uses(email, run, "Who gives a job its image must be allowed to use its account."),
    ),
    ...environment.secrets.map((secret) => ({
      on: `projects/${project}/secrets/${secret}`,
      project,
      role: "roles/secretmanager.secretAccessor",
      members: run,
      why: "Probes show the secret to the service.",
      needs: [],
    })),
  ];
}
