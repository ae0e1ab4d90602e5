import { z } from "zod";
import { type RestMethod, taking } from "../rest-table.ts";
import { type Locate, type PolicyKeeper, policyOperations } from "./policy-methods.ts";
import { anybodyKnown, type Rule } from "./rules.ts";

const Texts = z.array(z.string());

const Policy = z.strictObject({
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

const resource = z.string();
const GetRequest = z.strictObject({
  resource,
  options: z.strictObject({ requestedPolicyVersion: z.int().optional() }).optional(),
});
const SetRequest = z.strictObject({
  resource,
  policy: Policy.optional(),
  updateMask: z.string().optional(),
});
const TestRequest = z.strictObject({ resource, permissions: Texts.optional() });

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
    readonly check?: (policy: z.infer<typeof Policy> | undefined) => void;
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
