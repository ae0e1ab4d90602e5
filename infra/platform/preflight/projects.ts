import { textOf, texts } from "../resource.ts";
import type { Fields } from "../resource.ts";
import { statusOf } from "../../../shared/adapters/google-errors.ts";
import type { Obstacle } from "../engine/plan.ts";
import type { Google } from "../kinds/google.ts";
import { projectsOf } from "../settings.ts";
import type { Settings } from "../settings.ts";
import { offApi } from "./off-api.ts";
import { needsIn } from "./permissions.ts";

/** What the projects of an installation are, or what keeps one from being made in them. */
export type Projects = {
  readonly numbers: ReadonlyMap<string, string>;
  readonly obstacles: readonly Obstacle[];
};

/** The statuses of a project that is not there, or that the caller may not see: Google does not tell which. */
const UNSEEN: ReadonlySet<string> = new Set(["NOT_FOUND", "PERMISSION_DENIED"]);

/**
 * Looks at each project: whether it is there, is paid for, and whether the caller may do in it what has to be done.
 * @throws TransientError or PermanentError when it cannot be looked at.
 */
export async function lookAtProjects(
  google: Google,
  settings: Settings,
  caller: string,
): Promise<Projects> {
  const looks = await Promise.all(
    projectsOf(settings).map(async (project) => lookAt(google, settings, { project, caller })),
  );
  return {
    numbers: new Map(looks.flatMap(({ number }) => (number === null ? [] : [number]))),
    obstacles: looks.flatMap(({ obstacles }) => obstacles),
  };
}

type Look = {
  readonly number: readonly [string, string] | null;
  readonly obstacles: readonly Obstacle[];
};

async function lookAt(
  google: Google,
  settings: Settings,
  { project, caller }: { readonly project: string; readonly caller: string },
): Promise<Look> {
  const found = await readProject(google, project);
  if (found === null) {
    const what = `there is no project ${project}, or you may not see it`;
    const mend = `correct its id, or make it: gcloud projects create ${project}`;
    return { number: null, obstacles: [{ what, mend }] };
  }
  const number = [project, textOf(found["name"]).replace(/^projects\//, "")] as const;
  if (found["state"] !== undefined && found["state"] !== "ACTIVE") {
    const what = `project ${project} is being deleted`;
    return { number, obstacles: [{ what, mend: `gcloud projects undelete ${project}` }] };
  }
  const obstacles = await Promise.all([
    billing(google, project),
    permissions(google, settings, { project, caller }),
  ]);
  return { number, obstacles: obstacles.flat() };
}

async function readProject(google: Google, project: string): Promise<Fields | null> {
  try {
    return await google.call("resourcemanager", { method: "GET", path: `v3/projects/${project}` });
  } catch (error) {
    if (UNSEEN.has(statusOf(error)) && offApi(error) === null) {
      return null;
    }
    throw error;
  }
}

/**
 * Without billing most APIs cannot be turned on. Who may not see the bill is not stopped for it.
 * Source: https://cloud.google.com/billing/docs/reference/rest/v1/projects/getBillingInfo
 */
async function billing(google: Google, project: string): Promise<readonly Obstacle[]> {
  try {
    const path = `v1/projects/${project}/billingInfo`;
    const { billingEnabled } = await google.call("billing", { method: "GET", path });
    return billingEnabled === true
      ? []
      : [
          {
            what: `project ${project} has no billing account`,
            mend: `gcloud billing projects link ${project} --billing-account=ACCOUNT`,
          },
        ];
  } catch (error) {
    if (UNSEEN.has(statusOf(error))) {
      return [];
    }
    throw error;
  }
}

/** Those of the permissions that the caller has. One that Google does not know any more is no obstacle. */
async function grantedOf(
  google: Google,
  project: string,
  wanted: readonly string[],
): Promise<readonly string[]> {
  const ask = async (asked: readonly string[]): Promise<readonly string[]> => {
    const path = `v3/projects/${project}:testIamPermissions`;
    const request = { method: "POST", path, body: { permissions: asked } } as const;
    const answer = await google.call("resourcemanager", request);
    return texts(answer["permissions"]);
  };
  try {
    return await ask(wanted);
  } catch (error) {
    if (statusOf(error) !== "INVALID_ARGUMENT" || wanted.length === 1) {
      throw error;
    }
    const each = wanted.map(async (one) =>
      ask([one]).catch((refusal: unknown) => {
        if (statusOf(refusal) === "INVALID_ARGUMENT") {
          return [one];
        }
        throw refusal;
      }),
    );
    return (await Promise.all(each)).flat();
  }
}

async function permissions(
  google: Google,
  settings: Settings,
  { project, caller }: { readonly project: string; readonly caller: string },
): Promise<readonly Obstacle[]> {
  const needs = needsIn(settings, project);
  const wanted = needs.map(({ permission }) => permission);
  const granted = new Set(await grantedOf(google, project, wanted));
  const missing = needs.filter(({ permission }) => !granted.has(permission));
  return [...Map.groupBy(missing, ({ role }) => role)].map(([role, same]) => ({
    what: `you may not ${same.map(({ permission }) => permission).join(", ")} in project ${project}`,
    mend: `gcloud projects add-iam-policy-binding ${project} --member=${caller} --role=${role}`,
  }));
}
