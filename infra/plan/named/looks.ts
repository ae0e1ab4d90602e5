import { statusOf } from "../../../shared/adapters/google-errors.ts";
import { PROMPT_LIMITS } from "../../../shared/adapters/outside-call.ts";
import { PermanentError, TransientError } from "../../../shared/ports/errors.ts";
import { inOrder } from "../../platform/engine/order.ts";
import { openGoogle } from "../../platform/kinds/google.ts";
import type { Google, GoogleOptions } from "../../platform/kinds/google.ts";
import { disabledApi, offApi } from "../../platform/preflight/off-api.ts";
import { projectNamed } from "./kinds.ts";
import type { Named, Sight } from "./named.ts";

/** How much is looked at at once. */
const LOOKS_AT_ONCE_MAX = 12;

/** Looks whether what is named is there, each thing once for all files of a command. */
export type Looks = {
  /** What each shows, in their order. */
  readonly at: (named: readonly Named[]) => Promise<readonly (readonly [Named, Sight])[]>;
  /** Whether what is missing may come later. */
  readonly allowsMissing: boolean;
};

/** How things are looked for. */
export type LooksOptions = Omit<GoogleOptions, "limits"> & {
  /** Whether it is the local cloud, in which projects that it does not know by name have what nobody needs there. */
  readonly isLocal: boolean;
  readonly allowsMissing: boolean;
};

/** Opens the looks of one command. */
export function openLooks({ isLocal, allowsMissing, ...options }: LooksOptions): Looks {
  const google = openGoogle({ ...options, limits: PROMPT_LIMITS });
  const isUnnamed = once(async (project: string) => isUnseen(google, project));
  const seen = new Map<string, Promise<Sight>>();
  const sightOf = async (named: Named): Promise<Sight> => {
    const isGiven = isLocal && named.isGivenLocally ? isUnnamed : never;
    const begun = seen.get(named.key) ?? lookAt(google, named, isGiven);
    seen.set(named.key, begun);
    return begun;
  };
  return {
    at: async (named) => {
      const items = named.map(({ key }, index) => ({ key: `${index} ${key}`, needs: [], index }));
      const sights: (readonly [Named, Sight])[] = [];
      const { failed } = await inOrder(items, LOOKS_AT_ONCE_MAX, async ({ index }) => {
        const one = named[index];
        if (one !== undefined) {
          sights[index] = [one, await sightOf(one)];
        }
      });
      for (const { error } of failed) {
        throw error;
      }
      return sights;
    },
    allowsMissing,
  };
}

async function lookAt(google: Google, named: Named, isGiven: IsGiven): Promise<Sight> {
  try {
    if (await isGiven(named.project)) {
      return { kind: "there" };
    }
    const trouble = await named.look(google);
    return trouble === null ? { kind: "there" } : { kind: "missing", trouble };
  } catch (error) {
    if (error instanceof TransientError || error instanceof PermanentError) {
      return sightBehind(google, named, error);
    }
    throw error;
  }
}

/** Whether what is in a project is taken for there. */
type IsGiven = (project: string) => Promise<boolean>;

async function never(): Promise<boolean> {
  return Promise.resolve(false);
}

/** The same with each project asked for once. */
function once(isGiven: IsGiven): IsGiven {
  const known = new Map<string, Promise<boolean>>();
  return async (project) => {
    const begun = known.get(project) ?? isGiven(project);
    known.set(project, begun);
    return begun;
  };
}

/** The local cloud lets nobody see a project that it does not know by name. */
async function isUnseen(google: Google, project: string): Promise<boolean> {
  return (await projectNamed([], project, "").look(google)) !== null;
}

/**
 * What a failed look shows. Behind an API that is off in its own project nothing can be used; one that is off where
 * the caller's calls count only keeps the caller from looking.
 */
async function sightBehind(
  google: Google,
  { what, project, unseen, isBehindApi }: Named,
  error: TransientError | PermanentError,
): Promise<Sight> {
  const off = disabledApi(error);
  if (off !== null && isBehindApi && (await isProject(google, off.project, project))) {
    const trouble = {
      what: `the API ${off.service} is off in project ${project}, so nobody can use ${what}`,
      mend: `gcloud services enable ${off.service} --project=${project}`,
    };
    return { kind: "missing", trouble };
  }
  const status = statusOf(error);
  if (unseen === null && status === "PERMISSION_DENIED") {
    return { kind: "there" };
  }
  const elsewhere = offApi(error);
  if (elsewhere !== null) {
    return { kind: "unknown", reason: `${elsewhere.what}: ${elsewhere.mend}` };
  }
  return status === "PERMISSION_DENIED" && unseen !== null
    ? { kind: "unknown", reason: unseen }
    : { kind: "unknown", reason: `${status}: ${error.message}` };
}

/** Whether a project's id or number is that of a project. */
async function isProject(google: Google, found: string, project: string): Promise<boolean> {
  if (!/^\d+$/.test(found)) {
    return found === project;
  }
  try {
    const { name } = await google.call("resourcemanager", {
      method: "GET",
      path: `v3/projects/${project}`,
    });
    return name === `projects/${found}`;
  } catch (error) {
    if (error instanceof TransientError || error instanceof PermanentError) {
      return false;
    }
    throw error;
  }
}
