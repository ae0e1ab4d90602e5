import { z } from "zod";
import type { Message } from "../call.ts";
import { badRequest } from "../google-error.ts";
import type { RestMethod } from "../rest-table.ts";
import { type Locate, type PolicyKeeper, policyOperations } from "./policy-methods.ts";
import { anybodyKnown, type Rule } from "./rules.ts";

const Texts = z.array(z.string());

const PolicyRequest = z.object({
  resource: z.string(),
  policy: z
    .object({
      version: z.number().optional(),
      etag: z.string().optional(),
      bindings: z
        .array(
          z.object({
            role: z.string().optional(),
            members: Texts.optional(),
            condition: z
              .object({
                expression: z.string().optional(),
                title: z.string().optional(),
                description: z.string().optional(),
              })
              .nullable()
              .optional(),
          }),
        )
        .optional(),
    })
    .optional(),
  permissions: Texts.optional(),
});

/**
 * getIamPolicy, setIamPolicy and testIamPermissions of an API that is served without descriptors, each by POST.
 * `paths` name the resource in the variable `resource`; `needs` gives the rule for `getIamPolicy` and `setIamPolicy`.
 */
export function policyTable(
  keeper: PolicyKeeper,
  options: {
    readonly service: string;
    readonly paths: readonly string[];
    readonly locate: Locate;
    readonly needs: (verb: string) => Rule;
    /** Looks at a policy before it is kept. */
    readonly check?: (policy: z.infer<typeof PolicyRequest>["policy"]) => void;
  },
): readonly RestMethod[] {
  const { service, paths, locate, needs, check } = options;
  const { get, set, test } = policyOperations(keeper, locate);
  return paths.flatMap((path): readonly RestMethod[] => [
    {
      name: `${service}/GetIamPolicy`,
      at: ["POST", `${path}:getIamPolicy`],
      needs: needs("getIamPolicy"),
      run: (request) => get(parse(request)),
    },
    {
      name: `${service}/SetIamPolicy`,
      at: ["POST", `${path}:setIamPolicy`],
      needs: needs("setIamPolicy"),
      run: (request) => {
        const parsed = parse(request);
        check?.(parsed.policy);
        return set(parsed);
      },
    },
    {
      name: `${service}/TestIamPermissions`,
      at: ["POST", `${path}:testIamPermissions`],
      needs: anybodyKnown,
      run: (request, { member }) => test(parse(request), member),
    },
  ]);
}

function parse(request: Message): z.infer<typeof PolicyRequest> {
  const parsed = PolicyRequest.safeParse(request);
  if (parsed.success) {
    return parsed.data;
  }
  const issue = parsed.error.issues[0];
  const field = issue?.path.join(".") ?? "";
  throw badRequest(field, `Invalid JSON payload received. ${field}: ${issue?.message ?? ""}`);
}
