import { type Api, operation, type Unary } from "../call.ts";
import type { Clock } from "../clock.ts";
import { GoogleError, googleError } from "../google-error.ts";
import { toRoutes } from "../http-rule.ts";
import type { Persistence } from "../persistence.ts";
import type { CloudAccess } from "./cloud-access.ts";
import { createPolicies, type Policies } from "./policies.ts";
import type { Policy, PolicyInput } from "./policy.ts";
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

type PolicyRequest = { readonly resource?: string | undefined };

/** The policies of an emulator: those of the cloud that it belongs to, or some of its own. */
export function policyKeeper(
  options: {
    readonly access?: CloudAccess | undefined;
    readonly clock: Clock;
    readonly persistence?: Persistence | undefined;
  },
  name: string,
): PolicyKeeper {
  const { access, clock, persistence } = options;
  const policies =
    access?.policies ?? createPolicies({ clock, persistence, name: `${name}-policies` });
  const forget = (resource: string): void => {
    policies.forget(nameOf(access, resource));
  };
  return { policies, access, forget };
}

/** A policy of the cloud is kept under the one name that a resource has for all emulators. */
function nameOf(access: CloudAccess | undefined, resource: string): string {
  return access === undefined ? resource : canonical(resource, access.directory());
}

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
    TestIamPermissions: operation<TestRequest>((request, { member }) => test(request, member)),
  };
}

type SetRequest = PolicyRequest & {
  readonly policy?: PolicyInput | undefined;
  /** Without one it is `bindings, etag`. */
  readonly updateMask?: string | undefined;
};

type TestRequest = PolicyRequest & { readonly permissions?: readonly string[] | undefined };

/** The same three for a server that has no descriptors. */
export type PolicyOperations = {
  readonly get: (request: PolicyRequest) => Policy;
  readonly set: (request: SetRequest) => Policy;
  readonly test: (request: TestRequest, member: string | null) => unknown;
};

/** @see policyMethods */
export function policyOperations(keeper: PolicyKeeper, locate: Locate): PolicyOperations {
  function find(request: PolicyRequest): string {
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
      const resource = isThere(() => find(request)) ? find(request) : null;
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

/** The methods of a policy, by name. */
export type PolicyMethods = Readonly<
  Record<"GetIamPolicy" | "SetIamPolicy" | "TestIamPermissions", Unary>
>;

/**
 * The same methods as the service that APIs mix in: google.iam.v1.IAMPolicy. `paths` are what comes between
 * `/v1/` and the verb over REST, such as `projects/*\/topics/*`.
 */
export function policyApi(methods: PolicyMethods, paths: readonly string[]): Api {
  const verbs = { GetIamPolicy: "GET", SetIamPolicy: "POST", TestIamPermissions: "POST" } as const;
  const routes = Object.entries(verbs).map(([method, verb]) => {
    const suffix = method.charAt(0).toLowerCase() + method.slice(1);
    const written = paths.flatMap((path) =>
      toRoutes(verb, `/{resource=${path}}:${suffix}`, ["v1"]),
    );
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

function isThere(find: () => string): boolean {
  try {
    find();
    return true;
  } catch (error) {
    if (error instanceof GoogleError && error.status === "NOT_FOUND") {
      return false;
    }
    throw error;
  }
}
