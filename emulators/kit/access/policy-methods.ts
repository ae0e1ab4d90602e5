import { z } from "zod";
import { type Api, operation, type Unary } from "../call.ts";
import { GoogleError, googleError } from "../google-error.ts";
import { toRoutes } from "../http-rule.ts";
import type { Persistence } from "../persistence.ts";
import type { CloudAccess } from "./cloud-access.ts";
import { createPolicies, type Policies } from "./policies.ts";
import type { Policy } from "./policy.ts";
import { type RestMethod, taking } from "../rest-table.ts";
import { canonical } from "./resource-tree.ts";
import { anybodyKnown, type Rule } from "./rules.ts";

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

const Texts = z.array(z.string());

const PolicyGiven = z.strictObject({
  version: z.int().optional(),
  etag: z.string().optional(),
  bindings: z
    .array(
      z.strictObject({
        role: z.string().optional(),
        members: Texts.optional(),
        condition: z
          .strictObject({
            expression: z.string().optional(),
            title: z.string().optional(),
            description: z.string().optional(),
            location: z.string().optional(),
          })
          .optional(),
      }),
    )
    .optional(),
  auditConfigs: z.array(z.unknown()).optional(),
});

/** Over gRPC a field may be left out. */
type Asked = { readonly resource?: string | undefined };

const GetRequest = z.strictObject({
  resource: z.string(),
  options: z.strictObject({ requestedPolicyVersion: z.int().optional() }).optional(),
});
const SetRequest = z.strictObject({
  resource: z.string(),
  policy: PolicyGiven.optional(),
  updateMask: z.string().optional(),
});
const TestRequest = z.strictObject({ resource: z.string(), permissions: Texts.optional() });

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
    TestIamPermissions: operation<z.infer<typeof TestRequest>>((request, { member }) =>
      test(request, member),
    ),
  };
}

type PolicyOperations = {
  readonly get: (request: Asked) => Policy;
  readonly set: (request: z.infer<typeof SetRequest>) => Policy;
  readonly test: (request: z.infer<typeof TestRequest>, member: string | null) => unknown;
};

/** The same three as functions of the request. */
export function policyOperations(keeper: PolicyKeeper, locate: Locate): PolicyOperations {
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

/**
 * getIamPolicy, setIamPolicy and testIamPermissions of an API that is served without descriptors, each by POST unless it says otherwise.
 * `paths` name the resource in the variable `resource`; `needs` gives the rule for `getIamPolicy` and `setIamPolicy`.
 */
export function policyTable(
  keeper: PolicyKeeper,
  options: {
    readonly service: string;
    readonly paths: readonly string[];
    readonly locate: Locate;
    readonly readBy?: "GET";
    readonly needs: (verb: string) => Rule;
    /** Looks at a policy before it is kept. */
    readonly check?: (policy: z.infer<typeof PolicyGiven> | undefined) => void;
  },
): readonly RestMethod[] {
  const { service, paths, locate, readBy = "POST", needs, check } = options;
  const { get, set, test } = policyOperations(keeper, locate);
  return paths.flatMap((path): readonly RestMethod[] => [
    {
      name: `${service}/GetIamPolicy`,
      at: [readBy, `${path}:getIamPolicy`],
      needs: needs("getIamPolicy"),
      takes: taking(GetRequest, get),
    },
    {
      name: `${service}/SetIamPolicy`,
      at: ["POST", `${path}:setIamPolicy`],
      needs: needs("setIamPolicy"),
      takes: taking(SetRequest, (request) => {
        check?.(request.policy);
        return set(request);
      }),
    },
    {
      name: `${service}/TestIamPermissions`,
      at: ["POST", `${path}:testIamPermissions`],
      needs: anybodyKnown,
      takes: taking(TestRequest, (request, { member }) => test(request, member)),
    },
  ]);
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
