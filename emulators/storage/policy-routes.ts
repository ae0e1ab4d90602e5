import type { Context, Hono } from "hono";
import { z } from "zod";
import { readBody } from "../kit/body.ts";
import { GoogleError } from "../kit/google-error.ts";
import type { PolicyKeeper } from "../kit/access/policy-methods.ts";
import type { Binding, Policy } from "../kit/access/policy.ts";
import { bucketName } from "./access-rules.ts";
import { getBucket } from "./operations-buckets.ts";
import { parseFields, type StorageContext } from "./request.ts";
import { StorageError } from "./storage-error.ts";

type Handler = (storage: StorageContext, c: Context) => Response | Promise<Response>;

const PolicyFields = z.looseObject({
  version: z.number().optional(),
  etag: z.string().optional(),
  bindings: z
    .array(
      z.object({
        role: z.string().optional(),
        members: z.array(z.string()).optional(),
        condition: z.looseObject({ expression: z.string().optional() }).optional(),
      }),
    )
    .optional(),
});

/**
 * Adds the policies of buckets, which are read and put as resources of their own.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/buckets/getIamPolicy and .../setIamPolicy
 */
export function addPolicyRoutes(
  app: Hono,
  keeper: PolicyKeeper,
  route: (method: string, handler: Handler) => (c: Context) => Promise<Response>,
): void {
  app.get(
    "/storage/v1/b/:bucket/iam",
    route("buckets.getIamPolicy", ({ state }, c) => {
      const bucket = c.req.param("bucket") ?? "";
      getBucket(state, bucket);
      return Response.json(toResource(bucket, keeper.policies.get(bucketName(bucket))));
    }),
  );
  app.put(
    "/storage/v1/b/:bucket/iam",
    route("buckets.setIamPolicy", async ({ state }, c) => {
      const bucket = c.req.param("bucket") ?? "";
      getBucket(state, bucket);
      const fields = parseFields(PolicyFields, await readBody(c.req.raw));
      return Response.json(toResource(bucket, set(keeper, bucket, fields)));
    }),
  );
  app.get(
    "/storage/v1/b/:bucket/iam/testPermissions",
    route("buckets.testIamPermissions", ({ state }, c) => {
      const resource = bucketName(c.req.param("bucket") ?? "");
      getBucket(state, c.req.param("bucket") ?? "");
      const asked = c.req.queries("permissions") ?? [];
      const { access } = keeper;
      const permissions =
        access === undefined
          ? asked
          : asked.filter((permission) =>
              access.grants({ member: callerOf(keeper, c), permission, resource }),
            );
      return Response.json({ kind: "storage#testIamPermissionsResponse", permissions });
    }),
  );
}

/**
 * The policy of a new bucket: those with a basic role on the project have their share of it.
 * Source: https://cloud.google.com/storage/docs/access-control/iam-roles#basic-roles-modifiable
 */
export function firstBindings(project: string): readonly Binding[] {
  const owners = [`projectEditor:${project}`, `projectOwner:${project}`];
  const viewers = [`projectViewer:${project}`];
  return [
    { role: "roles/storage.legacyBucketOwner", members: owners },
    { role: "roles/storage.legacyBucketReader", members: viewers },
    { role: "roles/storage.legacyObjectOwner", members: owners },
    { role: "roles/storage.legacyObjectReader", members: viewers },
  ];
}

/** The caller was checked before, by the guard of the server. */
function callerOf({ access }: PolicyKeeper, c: Context): string | null {
  const token = (c.req.header("authorization") ?? "").replace(/^bearer +/i, "");
  const identified = access?.directory().identify(token);
  return identified !== undefined && "member" in identified ? identified.member : null;
}

/** Cloud Storage answers an etag that is out of date with 412. */
function set(keeper: PolicyKeeper, bucket: string, fields: z.infer<typeof PolicyFields>): Policy {
  try {
    return keeper.policies.set(bucketName(bucket), fields);
  } catch (error) {
    if (error instanceof GoogleError) {
      const isStale = error.status === "ABORTED";
      throw isStale
        ? new StorageError({ code: 412, reason: "conditionNotMet" }, error.message)
        : new StorageError({ code: 400, reason: "invalid" }, error.message);
    }
    throw error;
  }
}

function toResource(bucket: string, policy: Policy): unknown {
  return { kind: "storage#policy", resourceId: bucketName(bucket), version: 1, ...policy };
}
