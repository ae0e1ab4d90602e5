import type { Path } from "../../../shared/wire/spec/problem.ts";
import type { Obstacle } from "../../platform/engine/plan.ts";
import { textOf } from "../../platform/resource.ts";
import type { Fields } from "../../platform/resource.ts";
import { accountThing, secretThing } from "../../platform/preflight/thing.ts";
import type { Thing } from "../../platform/preflight/thing.ts";
import { lacking } from "./named.ts";
import type { Named } from "./named.ts";

/** Where something is named, and what to do instead of making it. */
type Where = { readonly path: Path; readonly correct: string };

/** The same with what whoever may not look is told, and what would come of its not being there. */
type Naming = Where & { readonly unseen: string; readonly consequence?: string };

/** A project of a domain, `example.com:web`, has accounts of `web.example.com`. */
const ACCOUNT = /^[^@]+@(?<id>[^.]+)(?:\.(?<domain>[a-z0-9.-]+))?\.iam\.gserviceaccount\.com$/;

/** Something that is there when it is found. */
export function thingNamed(
  thing: Thing,
  { path, unseen, correct, consequence }: Naming,
  judge: (found: Fields) => Obstacle | null = () => null,
): Named {
  const { api, project, what, make } = thing;
  return {
    path,
    what: `${what} in project ${project}`,
    project,
    key: `${api} ${thing.path}`,
    unseen,
    isGivenLocally: false,
    isBehindApi: true,
    look: async (google) => {
      const found = await google.find(api, { method: "GET", path: thing.path });
      return found === null
        ? {
            what: `there is no ${what} in project ${project}${soThat(consequence)}`,
            mend: `${make}, or ${correct}`,
          }
        : judge(found);
    },
  };
}

function soThat(consequence: string | undefined): string {
  return consequence === undefined ? "" : `, so ${consequence}`;
}

/** A service account; `project` is meant where its address names none. */
export function accountNamed(email: string, project: string, { path, correct }: Where): Named {
  const { id, domain } = ACCOUNT.exec(email)?.groups ?? {};
  const ofDomain = domain === undefined ? id : `${domain}:${id}`;
  const home = id === undefined ? project : (ofDomain ?? project);
  const unseen = lacking("iam.serviceAccounts.get", "roles/iam.serviceAccountViewer", home);
  const named = thingNamed(accountThing(email, home), { path, unseen, correct }, ({ disabled }) =>
    disabled === true
      ? {
          what: `account ${email} is disabled`,
          mend: `gcloud iam service-accounts enable ${email} --project=${home}, or ${correct}`,
        }
      : null,
  );
  return { ...named, isGivenLocally: true, isBehindApi: false };
}

/**
 * A secret, `projects/P/secrets/S`, whose newest version can be read: instances do not start without.
 * Source: https://cloud.google.com/run/docs/configuring/services/secrets
 */
export function secretNamed(name: string, { path, correct }: Where): Named {
  const thing = secretThing(name);
  const unseen = lacking("secretmanager.versions.get", "roles/secretmanager.viewer", thing.project);
  const named = thingNamed(thing, { path, unseen, correct });
  return {
    ...named,
    look: async (google) => {
      const newest = { method: "GET", path: `${thing.path}/versions/latest` } as const;
      const version = await google.find("secretmanager", newest);
      if (version === null) {
        return (await named.look(google)) ?? withoutVersion(thing, "no version");
      }
      const state = textOf(version["state"]);
      return state === "ENABLED"
        ? null
        : withoutVersion(thing, `a newest version that is ${state.toLowerCase()}`);
    },
  };
}

function withoutVersion({ what, project }: Thing, has: string): Obstacle {
  const [, id = ""] = what.split(" ");
  return {
    what: `${what} in project ${project} has ${has}`,
    mend: `gcloud secrets versions add ${id} --data-file=FILE --project=${project}`,
  };
}
