import type { Context } from "hono";
import { z } from "zod";
import { policyOperations } from "../kit/access/policy-methods.ts";
import type { Binding } from "../kit/access/policy.ts";
import { readBody } from "../kit/body.ts";
import { googleError } from "../kit/google-error.ts";
import { paginate } from "../kit/page.ts";
import type { Query } from "./preconditions.ts";
import { baseUrl, type Handler, parseFields, queryOf, type StorageContext } from "./request.ts";
import { type Bucket, BucketFields, type StorageState } from "./state.ts";
import { invalid, notImplemented } from "./storage-error.ts";

/** How many buckets or objects a page has at most, which is also what it has when nobody says. */
export const PAGE_LIMITS = { defaultSize: 1000, maxSize: 1000 };

/** Source: https://cloud.google.com/storage/docs/buckets#naming */
const BUCKET_NAME = /^(?=.{3,222}$)[a-z0-9][a-z0-9_.-]*[a-z0-9]$/;

/** The longest part between dots. */
const LABEL_MAX = 63;

/** What may be changed of a bucket; null takes a label away. */
const BucketPatch = BucketFields.omit({ name: true, location: true, storageClass: true }).extend({
  labels: z.record(z.string(), z.string().nullable()).optional(),
});

const PolicyFields = z.looseObject({
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

/** `buckets.insert`. Source: https://cloud.google.com/storage/docs/json_api/v1/buckets/insert */
export const onInsertBucket: Handler = async (storage, { c }) => {
  const fields = parseFields(BucketFields, await readBody(c.req.raw));
  const bucket = insertBucket(storage, projectOf(queryOf(c)), fields);
  return Response.json(toBucketResource(bucket, c));
};

/**
 * Makes a bucket, with the policy that Google gives it.
 * @throws GoogleError INVALID_ARGUMENT for a bad name, ALREADY_EXISTS, UNIMPLEMENTED
 */
export function insertBucket(
  { state, keeper, clock }: StorageContext,
  project: string,
  fields: BucketFields,
): Bucket {
  const { name } = fields;
  checkKept(fields);
  if (!BUCKET_NAME.test(name) || name.split(".").some((part) => part.length > LABEL_MAX)) {
    throw invalid(`Invalid bucket name: '${name}'`);
  }
  const existing = state.buckets.get(name);
  if (existing !== undefined) {
    const message =
      existing.project === project
        ? "Your previous request to create the named bucket succeeded and you already own it."
        : "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.";
    throw googleError("ALREADY_EXISTS", message);
  }
  const bucket: Bucket = { fields, project, createdMs: clock.now(), objects: new Map() };
  state.buckets.set(name, bucket);
  keeper.policies.set(resourceName(name), { bindings: firstBindings(project) });
  return bucket;
}

/** The bucket of a name. @throws GoogleError NOT_FOUND */
export function getBucket(state: StorageState, name: string): Bucket {
  const bucket = state.buckets.get(name);
  if (bucket === undefined) {
    throw googleError("NOT_FOUND", "The specified bucket does not exist.");
  }
  return bucket;
}

/** `buckets.get`. Source: https://cloud.google.com/storage/docs/json_api/v1/buckets/get */
export const onGetBucket: Handler = ({ state }, { c }) =>
  Response.json(toBucketResource(bucketOf(state, c), c));

/** `buckets.list`, by name. Source: https://cloud.google.com/storage/docs/json_api/v1/buckets/list */
export const onListBuckets: Handler = ({ state }, { c }) => {
  const query = queryOf(c);
  const project = projectOf(query);
  const prefix = query("prefix") ?? "";
  const found = [...state.buckets.values()]
    .filter((bucket) => bucket.project === project && bucket.fields.name.startsWith(prefix))
    .toSorted((left, right) => compareNames(left.fields.name, right.fields.name));
  const { items, nextPageToken } = paginate(found, toPageRequest(query), PAGE_LIMITS);
  return Response.json({
    kind: "storage#buckets",
    ...(nextPageToken !== "" && { nextPageToken }),
    ...(items.length > 0 && { items: items.map((one) => toBucketResource(one, c)) }),
  });
};

/**
 * `buckets.patch`: labels one by one, the rest as a whole.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/buckets/patch
 */
export const onPatchBucket: Handler = async ({ state }, { c }) => {
  const patch = parseFields(BucketPatch, await readBody(c.req.raw));
  checkKept(patch);
  const bucket = bucketOf(state, c);
  const { labels: before, ...others } = bucket.fields;
  const { labels, iamConfiguration, versioning: _none, ...whole } = patch;
  const left = Object.entries({ ...before, ...labels }).flatMap(([key, value]) =>
    value === null ? [] : [[key, value] as const],
  );
  const fields = {
    ...others,
    ...whole,
    ...(iamConfiguration !== undefined && {
      iamConfiguration: { ...others.iamConfiguration, ...iamConfiguration },
    }),
    ...(left.length > 0 && { labels: Object.fromEntries(left) }),
  };
  const changed = { ...bucket, fields };
  state.buckets.set(fields.name, changed);
  return Response.json(toBucketResource(changed, c));
};

/** `buckets.delete`. Source: https://cloud.google.com/storage/docs/json_api/v1/buckets/delete */
export const onDeleteBucket: Handler = ({ state, keeper }, { c }) => {
  const { fields, objects } = bucketOf(state, c);
  if (objects.size > 0) {
    throw googleError("ALREADY_EXISTS", "The bucket you tried to delete is not empty.");
  }
  state.buckets.delete(fields.name);
  keeper.forget(resourceName(fields.name));
  return new Response(null, { status: 204 });
};

/** gcloud asks for it, and for managed folders, before it removes or moves what is below a prefix: there are only names. */
export const onGetLayout: Handler = ({ state }, { c }) => {
  const { location, id: bucket } = toBucketResource(bucketOf(state, c), c);
  const hierarchicalNamespace = { enabled: false };
  const kind = "storage#storageLayout";
  return Response.json({ kind, bucket, location, locationType: "region", hierarchicalNamespace });
};

/** `managedFolders.list` */
export const onListManagedFolders: Handler = ({ state }, { c }) => {
  bucketOf(state, c);
  return Response.json({ kind: "storage#managedFolders" });
};

/**
 * The three methods of a bucket's policy, which is read and put as a resource of its own.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/buckets/setIamPolicy
 */
export const onPolicy: Handler = async ({ state, keeper }, { c, member }) => {
  const resource = resourceName(bucketOf(state, c).fields.name);
  const policies = policyOperations(keeper, (name) => name);
  if (c.req.path.endsWith("/testPermissions")) {
    const permissions = c.req.queries("permissions") ?? [];
    const granted = policies.test({ resource, permissions }, member);
    return Response.json({ kind: "storage#testIamPermissionsResponse", ...Object(granted) });
  }
  const policy =
    c.req.method === "GET"
      ? policies.get({ resource })
      : policies.set({ resource, policy: parseFields(PolicyFields, await readBody(c.req.raw)) });
  return Response.json({ kind: "storage#policy", resourceId: resource, version: 1, ...policy });
};

/** A bucket, as policies name it. */
export function resourceName(bucket: string): string {
  return `projects/_/buckets/${bucket}`;
}

/** The page that `maxResults` and `pageToken` ask for. */
export function toPageRequest(query: Query): {
  readonly pageSize: number;
  readonly pageToken: string;
} {
  return { pageSize: Number(query("maxResults") ?? 0), pageToken: query("pageToken") ?? "" };
}

/** Names are listed in the order of their UTF-8 bytes. */
export function compareNames(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

function bucketOf(state: StorageState, c: Context): Bucket {
  return getBucket(state, c.req.param("bucket") ?? "");
}

function projectOf(query: Query): string {
  const project = query("project") ?? "";
  if (project === "") {
    throw invalid("Required parameter: project");
  }
  return project;
}

/** What would be taken for done is refused: older generations are not kept. */
function checkKept({ versioning }: Pick<BucketFields, "versioning">): void {
  if (versioning?.enabled === true) {
    throw notImplemented("versioning of a bucket");
  }
}

/**
 * The policy of a new bucket: those with a basic role on the project have their share of it.
 * Source: https://cloud.google.com/storage/docs/access-control/iam-roles#basic-roles-modifiable
 */
function firstBindings(project: string): readonly Binding[] {
  const owners = [`projectEditor:${project}`, `projectOwner:${project}`];
  const viewers = [`projectViewer:${project}`];
  return [
    { role: "roles/storage.legacyBucketOwner", members: owners },
    { role: "roles/storage.legacyBucketReader", members: viewers },
    { role: "roles/storage.legacyObjectOwner", members: owners },
    { role: "roles/storage.legacyObjectReader", members: viewers },
  ];
}

function toBucketResource(
  { fields, createdMs }: Bucket,
  c: Context,
): Readonly<Record<string, unknown>> {
  const created = new Date(createdMs).toISOString();
  return {
    kind: "storage#bucket",
    selfLink: `${baseUrl(c)}/storage/v1/b/${fields.name}`,
    id: fields.name,
    metageneration: "1",
    timeCreated: created,
    updated: created,
    etag: "CAE=",
    locationType: "region",
    storageClass: "STANDARD",
    ...fields,
    location: (fields.location ?? "US").toUpperCase(),
  };
}
