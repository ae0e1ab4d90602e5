import { type Api, operation, type Unary } from "../call.ts";
import { GoogleError, googleError } from "../google-error.ts";
import { toRoute } from "../http-rule.ts";
import type { Persistence } from "../persistence.ts";
import type { CloudAccess } from "./cloud-access.ts";
import { createPolicies, type Policies, type Policy, type PolicyInput } from "./policies.ts";
import { canonical } from "./resource-tree.ts";

/** Where an emulator keeps policies, and who may do what by them. */
export type PolicyKeeper = {
  readonly policies: Policies;
  /** Without it every caller has every permission. */
  readonly access: CloudAccess | undefined;
  /** For a resource that is gone. */
  readonly forget: (resource: string) => void;
};

/** Finds the resource that a request names: its full name. It throws a GoogleError when there is none. */
export type Locate = (resource: string) => string;

/** How many permissions one call may ask about. Source: https://cloud.google.com/iam/quotas#limits */
const PERMISSIONS_MAX = 100;

/** The policies of an emulator: those of the cloud that it belongs to, or some of its own. */
export function policyKeeper(
  options: {
    readonly access?: CloudAccess | undefined;
    readonly persistence?: Persistence | undefined;
  },
  name: string,
): PolicyKeeper {
  const { access, persistence } = options;
  const policies = access?.policies ?? createPolicies(persistence, `${name}-policies`);
  const forget = (resource: string): void => {
    policies.forget(nameOf(access, resource));
  };
  return { policies, access, forget };
}

/** A policy of the cloud is kept under the one name that a resource has for all emulators. */
function nameOf(access: CloudAccess | undefined, resource: string): string {
  return access === undefined ? resource : canonical(resource, access.directory());
}

/** The methods of a policy, by name. */
export type PolicyMethods = Readonly<
  Record<"GetIamPolicy" | "SetIamPolicy" | "TestIamPermissions", Unary>
>;

/**
 * The three methods of policies on the resources that `locate` finds. Of a resource that is not there, nobody
 * has any permission.
 * Source: https://cloud.google.com/iam/docs/reference/rest/v1/Policy and
 * https://github.com/googleapis/googleapis/blob/master/google/iam/v1/iam_policy.proto
 */
export function policyMethods(keeper: PolicyKeeper, locate: Locate): PolicyMethods {
  const { get, set, test } = policyOperations(keeper, locate);
  return {
    GetIamPolicy: operation(get),
    SetIamPolicy: operation(set),
    TestIamPermissions: operation<Asked>((request, { member }) => test(request, member)),
  };
}

/** What these requests have. Over gRPC a field may be left out. */
type Asked = {
  readonly resource?: string;
  readonly policy?: PolicyInput;
  readonly updateMask?: string;
  readonly permissions?: readonly string[];
};

type PolicyOperations = {
  readonly get: (request: Asked) => Policy;
  readonly set: (request: Asked) => Policy;
  readonly test: (request: Asked, member: string | null) => unknown;
};

/** The same three as functions of the request. */
function policyOperations(keeper: PolicyKeeper, locate: Locate): PolicyOperations {
  function find(request: Asked): string {
    return nameOf(keeper.access, locate(request.resource ?? ""));
  }
  return {
    get: (request) => keeper.policies.get(find(request)),
    set: (request) => {
      const resource = find(request);
      const fields = (request.updateMask ?? "bindings,etag").split(",");
      const given = request.policy ?? {};
      const { bindings } = fields.includes("bindings") ? given : keeper.policies.get(resource);
      const etag = fields.includes("etag") ? given.etag : undefined;
      return keeper.policies.set(resource, { bindings, etag });
    },
    test: (request, member) => {
      const asked = checkPermissions(request.permissions ?? []);
      const resource = ifThere(() => find(request));
      const { access } = keeper;
      const permissions = asked.filter(
        (permission) =>
          resource !== null &&
          (access === undefined || access.grants({ member, permission, resource })),
      );
      return { permissions };
    },
  };
}

/**
 * The same methods as the service that APIs mix in: google.iam.v1.IAMPolicy. `paths` name the resource over REST, such as
 * `/v1/{resource=projects/*\/topics/*}`, with the verb by which a policy is read there.
 */
export function policyApi(
  methods: PolicyMethods,
  paths: readonly string[],
  readBy: "GET" | "POST" = "GET",
): Api {
  const verbs = { GetIamPolicy: readBy, SetIamPolicy: "POST", TestIamPermissions: "POST" };
  const routes = Object.entries(verbs).map(([method, verb]) => {
    const suffix = method.charAt(0).toLowerCase() + method.slice(1);
    const body = verb === "POST" ? "*" : "";
    const written = paths.map((path) => toRoute({ verb, template: `${path}:${suffix}`, body }));
    return [method, written] as const;
  });
  return {
    // Those of google-gax lack the mask of an update.
    protos: "@google-cloud/run/build/protos/protos.json",
    service: "google.iam.v1.IAMPolicy",
    unary: methods,
    routes: Object.fromEntries(routes),
  };
}

/** @throws GoogleError INVALID_ARGUMENT for a wildcard or too many */
function checkPermissions(permissions: readonly string[]): readonly string[] {
  const odd = permissions.find((permission) => !/^[a-z]\w*(?:\.\w+)+$/i.test(permission));
  if (odd !== undefined) {
    throw googleError("INVALID_ARGUMENT", `Permission ${odd} is not valid for this resource.`);
  }
  if (permissions.length > PERMISSIONS_MAX) {
    const reason = `At most ${PERMISSIONS_MAX} permissions can be tested at once, not ${permissions.length}.`;
    throw googleError("INVALID_ARGUMENT", reason);
  }
  return permissions;
}

function ifThere(find: () => string): string | null {
  try {
    return find();
  } catch (error) {
    if (error instanceof GoogleError && error.status === "NOT_FOUND") {
      return null;
    }
    throw error;
  }
}
