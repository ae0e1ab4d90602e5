import { statusOf } from "../../../shared/adapters/google-errors.ts";
import type { Behind } from "../engine/driver.ts";
import { objects, textOf, texts } from "../resource.ts";
import type { Fields } from "../resource.ts";
import { apiName } from "./google.ts";
import type { Api, Google, Request } from "./google.ts";

/** Members by role, of bindings without a condition. */
export type Bindings = Readonly<Record<string, readonly string[]>>;

/** How often a write is tried again that met another one. */
const CONFLICTS_MAX = 8;

/** The version of policies in which conditions are seen, and so are kept. */
const POLICY_VERSION = 3;

type Access = {
  readonly api: Api;
  readonly get: Request;
  readonly set: (policy: Fields) => Request;
};

/** Where the policy of something is, told by its name. */
function accessOf(on: string): Access {
  if (!on.includes("/")) {
    const path = `storage/v1/b/${on}/iam`;
    return {
      api: "storage",
      get: {
        method: "GET",
        path,
        query: { optionsRequestedPolicyVersion: String(POLICY_VERSION) },
      },
      set: (policy) => ({ method: "PUT", path, body: policy }),
    };
  }
  const [, , collection = ""] = on.split("/");
  if (collection === "") {
    return posted("resourcemanager", "v3", on);
  }
  if (collection === "serviceAccounts") {
    return posted("iam", "v1", on);
  }
  if (collection === "topics" || collection === "subscriptions") {
    return gotten("pubsub", "v1", on);
  }
  if (collection === "secrets") {
    return gotten("secretmanager", "v1", on);
  }
  return on.includes("/services/") ? gotten("run", "v2", on) : gotten("artifactregistry", "v1", on);
}

/** The API that a policy is behind; null for a project's, which is seen from any project. */
export function policyBehind(on: string, project: string): Behind | null {
  const { api } = accessOf(on);
  const [, named = ""] = on.split("/");
  return api === "resourcemanager"
    ? null
    : { api: apiName(api), project: named === "" ? project : named };
}

function posted(api: Api, version: string, on: string): Access {
  return {
    api,
    get: {
      method: "POST",
      path: `${version}/${on}:getIamPolicy`,
      body: { options: { requestedPolicyVersion: POLICY_VERSION } },
    },
    set: (policy) => ({ method: "POST", path: `${version}/${on}:setIamPolicy`, body: { policy } }),
  };
}

function gotten(api: Api, version: string, on: string): Access {
  return {
    api,
    get: {
      method: "GET",
      path: `${version}/${on}:getIamPolicy`,
      query: { "options.requestedPolicyVersion": String(POLICY_VERSION) },
    },
    set: (policy) => ({ method: "POST", path: `${version}/${on}:setIamPolicy`, body: { policy } }),
  };
}

/** What the policy of something grants without a condition; null when the thing is not there. */
export async function findPolicy(google: Google, on: string): Promise<Bindings | null> {
  const { api, get } = accessOf(on);
  const policy = await google.find(api, get);
  return policy === null ? null : bindingsOf(policy);
}

/**
 * Changes members of a policy, by its etag: what others grant stays, whatever they do at the same time.
 * Source: https://cloud.google.com/iam/docs/allow-policies#etag
 */
export async function changePolicy(
  google: Google,
  on: string,
  change: (bindings: Bindings) => Bindings,
): Promise<void> {
  const { api, get, set } = accessOf(on);
  for (let attempt = 1; ; attempt += 1) {
    const policy = await google.call(api, get);
    const before = bindingsOf(policy);
    const after = change(before);
    if (isSame(before, after)) {
      return;
    }
    const conditional = objects(policy["bindings"]).filter(
      (binding) => binding["condition"] !== undefined,
    );
    const plain = Object.entries(after)
      .filter(([, members]) => members.length > 0)
      .map(([role, members]) => ({ role, members }));
    const next = { ...policy, bindings: [...conditional, ...plain], version: POLICY_VERSION };
    try {
      await google.call(api, set(next));
      return;
    } catch (error) {
      if (attempt >= CONFLICTS_MAX || !CONFLICTS.has(statusOf(error))) {
        throw error;
      }
    }
  }
}

const CONFLICTS: ReadonlySet<string> = new Set(["ABORTED", "FAILED_PRECONDITION"]);

function bindingsOf(policy: Fields): Bindings {
  const plain = objects(policy["bindings"]).filter(({ condition }) => condition === undefined);
  return Object.fromEntries(
    [...Map.groupBy(plain, ({ role }) => textOf(role))].map(([role, same]) => [
      role,
      same.flatMap(({ members }) => texts(members)),
    ]),
  );
}

function isSame(left: Bindings, right: Bindings): boolean {
  return shown(left) === shown(right);
}

function shown(bindings: Bindings): string {
  const rows = Object.entries(bindings)
    .filter(([, members]) => members.length > 0)
    .map(([role, members]) => `${role} ${members.toSorted(byText).join(" ")}`);
  return rows.toSorted(byText).join("\n");
}

function byText(one: string, other: string): number {
  return one < other ? -1 : 1;
}
