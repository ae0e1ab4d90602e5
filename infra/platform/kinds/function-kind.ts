import type { FieldChange } from "../../../shared/domain/apply-plan.ts";
import type { Driver } from "../engine/driver.ts";
import { merged } from "../engine/differences.ts";
import { isObject, textOf } from "../resource.ts";
import type { Fields, Json, Resource } from "../resource.ts";
import { BUNDLE_LABEL } from "../table/functions.ts";
import type { Google } from "./google.ts";
import { byName, idOf, parentOf, restKind, topFields } from "./rest-kind.ts";

/** Gives what the functions are made of, zipped. */
export type ReadDeployable = () => Promise<Uint8Array>;

/**
 * Functions. What they are made of is uploaded only when its hash is not the one in the label, so an unchanged one
 * is no write and no build.
 * Source: https://cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions
 */
export function functionKind(
  google: Google,
  installation: string,
  readDeployable: ReadDeployable,
): Driver {
  const upload = async (name: string): Promise<Fields> => {
    const answer = await google.call("functions", {
      method: "POST",
      path: `v2/${parentOf(name)}/functions:generateUploadUrl`,
      body: {},
    });
    await google.put(textOf(answer["uploadUrl"]), await readDeployable());
    return { storageSource: answer["storageSource"] ?? null };
  };
  const base = restKind(google, installation, {
    api: "functions",
    mark: "labels",
    exact: ["serviceConfig.environmentVariables"],
    immutable: ["environment"],
    path: ({ name }) => `v2/${name}`,
    create: ({ name }) => ({ method: "POST", path: `v2/${parentOf(name)}/functions` }),
    update: ({ name }) => ({ method: "PATCH", path: `v2/${name}` }),
    list: async (on, project, location) =>
      byName(
        await on.list("functions", `v2/projects/${project}/locations/${location}/functions`, {
          items: "functions",
        }),
      ),
  });
  return {
    ...base,
    differences: (wanted, found) => [...base.differences(wanted, found), ...stateOf(found)],
    isBeingMade: ({ state }) => state === DEPLOYING,
    create: async ({ name, fields }) => {
      const source = await upload(name);
      await google.call("functions", {
        method: "POST",
        path: `v2/${parentOf(name)}/functions`,
        query: { functionId: idOf(name) },
        body: merged({ name, ...fields }, { buildConfig: { source } }),
      });
    },
    update: async (resource, found, changes) => {
      const isBuilt = changes.some(isOfBuild);
      const own = topFields(changes).filter((field) => field !== STATE);
      const fields = [...new Set([...own, ...(isBuilt ? ["buildConfig"] : [])])];
      const source = isBuilt ? { buildConfig: { source: await upload(resource.name) } } : {};
      const body = merged(bodyOf(resource, found, fields), source);
      await google.call("functions", {
        method: "PATCH",
        path: `v2/${resource.name}`,
        query: { updateMask: fields.join(",") },
        body,
      });
    },
  };
}

function isOfBuild({ field }: FieldChange): boolean {
  return field.startsWith("buildConfig") || field === `labels.${BUNDLE_LABEL}` || field === STATE;
}

const STATE = "state";
const DEPLOYING = "DEPLOYING";

/**
 * One that could not be built or started has the fields that it should have, and does not serve, or serves what it
 * served before: it is built again. One that is being made has them too, and what needs it has to wait.
 * Source: https://cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions#GcfStateMessage
 */
function stateOf({ state, stateMessages }: Fields): readonly FieldChange[] {
  if (state === DEPLOYING) {
    return [{ field: STATE, from: DEPLOYING, to: "ACTIVE" }];
  }
  const isWrong =
    state === "FAILED" ||
    (Array.isArray(stateMessages) && stateMessages.some((one: Json) => isError(one)));
  return isWrong ? [{ field: STATE, from: "FAILED", to: "ACTIVE" }] : [];
}

function isError(message: Json): boolean {
  return isObject(message) && message["severity"] === "ERROR";
}

/** What others set, such as a network, stays; variables are Slipway's alone. */
function bodyOf(
  { name, fields: wanted }: Resource,
  found: Fields,
  names: readonly string[],
): Fields {
  const parts = names.map((field) => {
    const there = found[field];
    const next = wanted[field] ?? null;
    const isJoined = isObject(there) && isObject(next);
    return [field, isJoined ? withVariables(merged(there, next), next) : next] as const;
  });
  return { name, ...Object.fromEntries(parts) };
}

function withVariables(config: Fields, { environmentVariables }: Fields): Fields {
  return environmentVariables === undefined ? config : { ...config, environmentVariables };
}
