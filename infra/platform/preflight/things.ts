import { statusOf } from "../../../shared/adapters/google-errors.ts";
import type { Obstacle } from "../engine/plan.ts";
import { apiName } from "../kinds/google.ts";
import type { Api, Google } from "../kinds/google.ts";
import { ownSecrets } from "../settings.ts";
import type { Platform } from "../settings.ts";
import type { ApiState } from "./api-states.ts";
import { accountAdvice } from "./account-advice.ts";
import { REGIONS } from "./regions.ts";

/** Something that others have to make first. */
type Thing = {
  readonly api: Api;
  readonly project: string;
  readonly path: string;
  /** Such as `secret X`. */
  readonly what: string;
  readonly mend: string;
};

/** What the settings and the specifications name and is not there: each would stop something half-way. */
export async function missingThings(
  google: Google,
  platform: Platform,
  stateOf: ApiState,
): Promise<readonly Obstacle[]> {
  const things = [
    ...registries(platform),
    ...accounts(platform),
    ...secrets(platform),
    ...channels(platform),
    ...jobs(platform),
    ...backupPlans(platform),
  ];
  const isOff = ({ api, project }: Thing): boolean => stateOf(project, apiName(api)) === "off";
  const looks = things
    .filter((thing) => !isOff(thing))
    .map(async (thing) => lookFor(google, thing));
  return [
    ...wrongRegion(platform),
    ...unseen(things.filter(isOff)),
    ...(await Promise.all(looks)).flat(),
  ];
}

/** Who may not look at something of a project beside the installation is not stopped for it. */
async function lookFor(
  google: Google,
  { api, project, path, what, mend }: Thing,
): Promise<readonly Obstacle[]> {
  try {
    const found = await google.find(api, { method: "GET", path });
    return found === null ? [{ what: `there is no ${what} in project ${project}`, mend }] : [];
  } catch (error) {
    if (statusOf(error) === "PERMISSION_DENIED") {
      return [];
    }
    throw error;
  }
}

/** What is behind an API that is off cannot be looked for; an installation would turn it on and stop half-way. */
function unseen(things: readonly Thing[]): readonly Obstacle[] {
  const behind = Map.groupBy(things, ({ api, project }) => `${apiName(api)} ${project}`);
  return [...behind.values()].map((same) => {
    const [{ api, project } = { api: "iam" as const, project: "" }] = same;
    const named = same.map(({ what }) => what).join(", ");
    return {
      what: `the API ${apiName(api)} is off in project ${project}, so nobody can tell whether this is there: ${named}`,
      mend: `gcloud services enable ${apiName(api)} --project=${project}`,
    };
  });
}

function wrongRegion({ location }: Platform): readonly Obstacle[] {
  return REGIONS.includes(location)
    ? []
    : [
        {
          what: `${location} is not a region in which functions run`,
          mend: "set location to a region that gcloud functions regions list shows, such as europe-west3",
        },
      ];
}

function registries(platform: Platform): readonly Thing[] {
  return platform.registries.map(({ project, location, repository }) => ({
    api: "artifactregistry",
    project,
    path: `v1/projects/${project}/locations/${location}/repositories/${repository}`,
    what: `repository ${repository} in ${location}`,
    mend: `gcloud artifacts repositories create ${repository} --project=${project} --location=${location} --repository-format=docker`,
  }));
}

function accounts(platform: Platform): readonly Thing[] {
  return platform.environments.flatMap(({ project, runtimeAccounts, jobAccounts }) =>
    [...new Set([...runtimeAccounts, ...jobAccounts])].map((email) => ({
      api: "iam" as const,
      project,
      path: `v1/projects/${project}/serviceAccounts/${email}`,
      what: `account ${email}`,
      mend: accountAdvice(email, project),
    })),
  );
}

function secrets(platform: Platform): readonly Thing[] {
  const own = { project: platform.project, secrets: ownSecrets(platform) };
  const all = [...platform.environments, own].flatMap(({ project, secrets: ids }) =>
    ids.map((id) => `projects/${project}/secrets/${id}`),
  );
  return [...new Set(all)].map((name) => {
    const [, project = "", , id = ""] = name.split("/");
    return {
      api: "secretmanager",
      project,
      path: `v1/${name}`,
      what: `secret ${id}`,
      mend: `gcloud secrets create ${id} --project=${project}, or correct its name`,
    };
  });
}

function channels({ alertChannels }: Platform): readonly Thing[] {
  return alertChannels.map((name) => ({
    api: "monitoring",
    project: projectIn(name),
    path: `v3/${name}`,
    what: `notification channel ${name}`,
    mend: `take a name from gcloud beta monitoring channels list --project=${projectIn(name)}`,
  }));
}

function jobs({ mentioned }: Platform): readonly Thing[] {
  return mentioned.jobs.map((name) => {
    const [, project = "", , region = "", , id = ""] = name.split("/");
    return {
      api: "run",
      project,
      path: `v2/${name}`,
      what: `Cloud Run job ${id} in ${region}`,
      mend: `gcloud run jobs create ${id} --image=IMAGE --project=${project} --region=${region}, or correct it under migrations in the service's specification`,
    };
  });
}

function backupPlans({ mentioned }: Platform): readonly Thing[] {
  return mentioned.backupPlans.map((name) => {
    const [, project = "", , location = "", , id = ""] = name.split("/");
    return {
      api: "gkebackup",
      project,
      path: `v1/${name}`,
      what: `backup plan ${id} in ${location}`,
      mend: `take a name from gcloud beta container backup-restore backup-plans list --project=${project} --location=-, and set it as backup.gke in the service's specification`,
    };
  });
}

function projectIn(name: string): string {
  return name.split("/")[1] ?? "";
}
