import { statusOf } from "../../../shared/adapters/google-errors.ts";
import type { Obstacle } from "../engine/plan.ts";
import { apiName } from "../kinds/google.ts";
import type { Google } from "../kinds/google.ts";
import { ownSecrets } from "../settings.ts";
import type { Platform } from "../settings.ts";
import type { ApiState } from "./api-states.ts";
import { accountAdvice } from "./account-advice.ts";
import { REGIONS } from "./regions.ts";
import { accountThing, backupPlanThing, jobThing, repositoryThing, secretThing } from "./thing.ts";
import type { Thing } from "./thing.ts";

/** Something that others have to make first, and what to do where they did not. */
type Wanted = Omit<Thing, "make"> & { readonly mend: string };

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
  const isOff = ({ api, project }: Wanted): boolean => stateOf(project, apiName(api)) === "off";
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
  { api, project, path, what, mend }: Wanted,
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
function unseen(things: readonly Wanted[]): readonly Obstacle[] {
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

function registries(platform: Platform): readonly Wanted[] {
  return platform.registries.map((registry) => {
    const thing = repositoryThing(registry);
    return Object.assign(thing, { mend: thing.make });
  });
}

function accounts(platform: Platform): readonly Wanted[] {
  return platform.environments.flatMap(({ project, runtimeAccounts, jobAccounts }) =>
    [...new Set([...runtimeAccounts, ...jobAccounts])].map((email) =>
      Object.assign(accountThing(email, project), { mend: accountAdvice(email, project) }),
    ),
  );
}

function secrets(platform: Platform): readonly Wanted[] {
  const own = { project: platform.project, secrets: ownSecrets(platform) };
  const all = [...platform.environments, own].flatMap(({ project, secrets: ids }) =>
    ids.map((id) => `projects/${project}/secrets/${id}`),
  );
  return [...new Set(all)].map((name) => {
    const thing = secretThing(name);
    return Object.assign(thing, { mend: `${thing.make}, or correct its name` });
  });
}

function channels({ alertChannels }: Platform): readonly Wanted[] {
  return alertChannels.map((name) => ({
    api: "monitoring",
    project: projectIn(name),
    path: `v3/${name}`,
    what: `notification channel ${name}`,
    mend: `take a name from gcloud beta monitoring channels list --project=${projectIn(name)}`,
  }));
}

function jobs({ mentioned }: Platform): readonly Wanted[] {
  return mentioned.jobs.map((name) => {
    const thing = jobThing(name);
    const mend = `${thing.make}, or correct it under migrations in the service's specification`;
    return Object.assign(thing, { mend });
  });
}

function backupPlans({ mentioned }: Platform): readonly Wanted[] {
  return mentioned.backupPlans.map((name) => {
    const thing = backupPlanThing(name);
    const mend = `${thing.make}, and set it as backup.gke in the service's specification`;
    return Object.assign(thing, { mend });
  });
}

function projectIn(name: string): string {
  return name.split("/")[1] ?? "";
}
