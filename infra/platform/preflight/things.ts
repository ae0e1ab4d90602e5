import { statusOf } from "../../../shared/adapters/google-errors.ts";
import type { Obstacle } from "../engine/plan.ts";
import { apiName } from "../kinds/google.ts";
import type { Api, Google } from "../kinds/google.ts";
import type { Platform } from "../settings.ts";
import { databaseName } from "../table/database.ts";
import { REGIONS } from "./regions.ts";

/** Whether an API is on in a project. What is behind one that is off is not there yet, or cannot be seen. */
export type IsOn = (project: string, api: string) => boolean;

/** Something that others have to make first. */
type Thing = {
  readonly api: Api;
  readonly project: string;
  readonly path: string;
  readonly what: string;
  readonly mend: string;
};

/** What the settings name and is not there: each would stop the installation half-way. */
export async function missingThings(
  google: Google,
  platform: Platform,
  isOn: IsOn,
): Promise<readonly Obstacle[]> {
  const things = [
    ...registries(platform),
    ...accounts(platform),
    ...secrets(platform),
    ...channels(platform),
  ];
  const looks = await Promise.all(
    things
      .filter(({ api, project }) => isOn(project, apiName(api)))
      .map(async ({ api, path, what, mend }): Promise<readonly Obstacle[]> => {
        const found = await google.find(api, { method: "GET", path });
        return found === null ? [{ what, mend }] : [];
      }),
  );
  return [...wrongRegion(platform), ...looks.flat(), ...(await missingGroups(google, platform))];
}

function wrongRegion({ location }: Platform): readonly Obstacle[] {
  return REGIONS.includes(location)
    ? []
    : [
        {
          what: `${location} is no region that functions run in`,
          mend: "set location to one of gcloud functions regions list, such as europe-west3",
        },
      ];
}

function registries(platform: Platform): readonly Thing[] {
  return platform.registries.map(({ project, location, repository }) => ({
    api: "artifactregistry",
    project,
    path: `v1/projects/${project}/locations/${location}/repositories/${repository}`,
    what: `there is no repository ${repository} in ${location} of project ${project}`,
    mend: `gcloud artifacts repositories create ${repository} --project=${project} --location=${location} --repository-format=docker`,
  }));
}

function accounts(platform: Platform): readonly Thing[] {
  return platform.environments.flatMap(({ project, runtimeAccounts, jobAccounts }) =>
    [...new Set([...runtimeAccounts, ...jobAccounts])].map((email) => ({
      api: "iam" as const,
      project,
      path: `v1/projects/${project}/serviceAccounts/${email}`,
      what: `there is no account ${email} in project ${project}`,
      mend: `gcloud iam service-accounts create ${email.split("@")[0] ?? email} --project=${project}, or correct it in the installation's file or the service's specification`,
    })),
  );
}

function secrets(platform: Platform): readonly Thing[] {
  return platform.environments.flatMap(({ project, secrets: ids }) =>
    ids.map((id) => ({
      api: "secretmanager" as const,
      project,
      path: `v1/projects/${project}/secrets/${id}`,
      what: `there is no secret ${id} in project ${project}`,
      mend: `gcloud secrets create ${id} --project=${project}, or correct its name`,
    })),
  );
}

function channels({ alertChannels }: Platform): readonly Thing[] {
  return alertChannels.map((name) => ({
    api: "monitoring",
    project: name.split("/")[1] ?? "",
    path: `v3/${name}`,
    what: `there is no notification channel ${name}`,
    mend: "take a name from gcloud beta monitoring channels list",
  }));
}

/**
 * Groups that are not there: a policy may name none of them. Who may not look them up is not stopped for it, since
 * Google answers the same to both.
 * Source: https://cloud.google.com/identity/docs/reference/rest/v1/groups/lookup
 */
async function missingGroups(
  google: Google,
  { people, callers }: Platform,
): Promise<readonly Obstacle[]> {
  const { viewers, deployers, approvers, oncall, owners } = people;
  const named = [...viewers, ...deployers, ...approvers, ...oncall, ...owners, ...callers];
  const emails = new Set(
    named.flatMap((one) => /group:(?<email>.+)$/.exec(one)?.groups?.["email"] ?? []),
  );
  const looks = [...emails].map(async (email): Promise<readonly Obstacle[]> => {
    try {
      const query = { "groupKey.id": email };
      await google.call("identity", { method: "GET", path: "v1/groups:lookup", query });
      return [];
    } catch (error) {
      return statusOf(error) === "NOT_FOUND"
        ? [
            {
              what: `there is no group ${email}`,
              mend: "correct its address under people, or make it in the Admin console",
            },
          ]
        : [];
    }
  });
  return (await Promise.all(looks)).flat();
}

/** A database of the name that is not Slipway's, or that it cannot use. */
export async function databaseObstacles(
  google: Google,
  platform: Platform,
  isBegun: boolean,
): Promise<readonly Obstacle[]> {
  const name = databaseName(platform);
  const found = await google.find("firestore", { method: "GET", path: `v1/${name}` });
  if (found === null) {
    return [];
  }
  if (found["type"] === "DATASTORE_MODE") {
    return [
      {
        what: `database ${name} is in Datastore mode, and Slipway needs Native mode`,
        mend: "install Slipway in another project; the mode of a database cannot be changed while it has data",
      },
    ];
  }
  return isBegun
    ? []
    : [
        {
          what: `database ${name} is there already, and no installation of Slipway is`,
          mend: "if it is what a destroyed installation left, say --take-over; otherwise install Slipway in another project",
        },
      ];
}
