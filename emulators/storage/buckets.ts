import type { Context } from "hono";
import { z } from "zod";
import type { Binding } from "../kit/access/policies.ts";
import { withoutHidden } from "../kit/collection.ts";
import { googleError } from "../kit/google-error.ts";
import {
  addressOf,
  byName,
  type Handler,
  listResponse,
  pageOf,
  placeOf,
  type Query,
  queryOf,
  readFields,
  type StorageContext,
} from "./request.ts";
import { type Bucket, BucketFields, type StorageState } from "./state.ts";
import { invalid, notImplemented } from "./storage-error.ts";

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
export const onInsertBucket: Handler = async (storage, c) => {
  const fields = await readFields(BucketFields, c);
  return bucketResponse(insertBucket(storage, projectOf(queryOf(c)), fields), c);
};

/**
 * Makes a bucket, with the policy that Google gives it.
 * @throws GoogleError INVALID_ARGUMENT for a bad name, ALREADY_EXISTS, UNIMPLEMENTED
 */
function insertBucket(
  { state, keeper, clock }: StorageContext,
  project: string,
  fields: BucketFields,
): Bucket {
  const { name, location = "US" } = fields;
  checkKept(fields);
  if (!BUCKET_NAME.test(name) || name.split(".").some((part) => part.length > LABEL_MAX)) {
    throw invalid(`Invalid bucket name: '${name}'`);
  }
  const existing = state.buckets.get(name);
  if (existing !== undefined) {
    const message =
      existing.hidden.project === project
        ? "Your previous request to create the named bucket succeeded and you already own it."
        : "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.";
    throw googleError("ALREADY_EXISTS", message);
  }
  const timeCreated = new Date(clock.now()).toISOString();
  const said = { storageClass: "STANDARD", ...fields, location: location.toUpperCase() };
  const made = { id: name, metageneration: "1", timeCreated, updated: timeCreated, etag: "CAE=" };
  const kind = { kind: "storage#bucket", locationType: "region" };
  const bucket = { ...kind, ...made, ...said, hidden: { project } };
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
export const onGetBucket: Handler = ({ state }, c) => bucketResponse(bucketOf(state, c), c);

/** `buckets.list`, by name. Source: https://cloud.google.com/storage/docs/json_api/v1/buckets/list */
export const onListBuckets: Handler = ({ state }, c) => {
  const query = queryOf(c);
  const project = projectOf(query);
  const prefix = query("prefix") ?? "";
  const found = [...state.buckets.values()]
    .filter(({ name, hidden }) => hidden.project === project && name.startsWith(prefix))
    .toSorted(byName);
  const { items, nextPageToken } = pageOf(found, query);
  const shown = items.map((one) => toBucketResource(one, c));
  return listResponse("storage#buckets", { nextPageToken, items: shown });
};

/**
 * `buckets.patch`: labels one by one, the rest as a whole.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/buckets/patch
 */
export const onPatchBucket: Handler = async ({ state }, c) => {
  const patch = await readFields(BucketPatch, c);
  checkKept(patch);
  const { labels: before, ...bucket } = bucketOf(state, c);
  const { labels, iamConfiguration, versioning: _none, ...whole } = patch;
  const left = Object.entries({ ...before, ...labels }).flatMap(([key, value]) =>
    value === null ? [] : [[key, value] as const],
  );
  const changed: Bucket = {
    ...bucket,
    ...whole,
    ...(iamConfiguration !== undefined && {
      iamConfiguration: { ...bucket.iamConfiguration, ...iamConfiguration },
    }),
    ...(left.length > 0 && { labels: Object.fromEntries(left) }),
  };
  state.buckets.set(bucket.name, changed);
  return bucketResponse(changed, c);
};

/** `buckets.delete`. Source: https://cloud.google.com/storage/docs/json_api/v1/buckets/delete */
export const onDeleteBucket: Handler = ({ state, keeper }, c) => {
  const { name } = bucketOf(state, c);
  if ([...state.objects.values()].some(({ bucket }) => bucket === name)) {
    throw googleError("ALREADY_EXISTS", "The bucket you tried to delete is not empty.");
  }
  state.buckets.delete(name);
  keeper.forget(resourceName(name));
  return new Response(null, { status: 204 });
};

/** gcloud asks for it, and for managed folders, before it removes or moves what is below a prefix: there are only names. */
export const onGetLayout: Handler = ({ state }, c) => {
  const { location, name: bucket } = bucketOf(state, c);
  const hierarchicalNamespace = { enabled: false };
  const kind = "storage#storageLayout";
  return Response.json({ kind, bucket, location, locationType: "region", hierarchicalNamespace });
};

/** `managedFolders.list` */
export const onListManagedFolders: Handler = ({ state }, c) => {
  bucketOf(state, c);
  return Response.json({ kind: "storage#managedFolders" });
};

/**
 * A bucket's policy, which is read and put as a resource of its own.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/buckets/setIamPolicy
 */
export const onPolicy: Handler = async ({ state, keeper: { policies } }, c) => {
  const resource = resourceName(bucketOf(state, c).name);
  const policy =
    c.req.method === "GET"
      ? policies.get(resource)
      : policies.set(resource, await readFields(PolicyFields, c));
  return Response.json({ kind: "storage#policy", resourceId: resource, version: 1, ...policy });
};

/** A bucket, as policies name it. */
export function resourceName(bucket: string): string {
  return `projects/_/buckets/${bucket}`;
}

function bucketOf(state: StorageState, c: Context): Bucket {
  return getBucket(state, placeOf(c).bucket);
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

function toBucketResource(bucket: Bucket, c: Context): object {
  const selfLink = addressOf(c, `storage/v1/b/${bucket.name}`);
  return { ...withoutHidden(bucket), selfLink };
}

function bucketResponse(bucket: Bucket, c: Context): Response {
  return Response.json(toBucketResource(bucket, c));
}
