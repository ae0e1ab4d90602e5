import type { RouteRequest, RouteRules } from "../kit/access/route-rules.ts";
import type { Need } from "../kit/access/rules.ts";
import type { StorageState } from "./state.ts";

/** A bucket, as policies name it. */
export function bucketName(bucket: string): string {
  return `projects/_/buckets/${bucket}`;
}

const BUCKET = "/storage/v1/b/([^/]+)";

type Needs = (request: RouteRequest) => readonly Need[];

function onProject(permission: string): Needs {
  return ({ query }) => [{ permission, resource: `projects/${query("project") ?? ""}` }];
}

function onBucket(permission: string): Needs {
  return ({ parts }) => [{ permission, resource: bucketName(parts[0] ?? "") }];
}

function onObject(permission: string): Needs {
  return ({ parts }) => [
    { permission, resource: `${bucketName(parts[0] ?? "")}/objects/${parts[1] ?? ""}` },
  ];
}

const copying: Needs = ({ parts }) => {
  const [from = "", to = ""] = parts;
  return [
    { permission: "storage.objects.get", resource: bucketName(from) },
    { permission: "storage.objects.create", resource: bucketName(to) },
  ];
};

/** Writing over an object deletes what was there. */
function writing(state: StorageState, bucket: string, name: string): readonly Need[] {
  const resource = bucketName(bucket);
  const isThere = state.buckets.get(bucket)?.objects.has(name) === true;
  const create = { permission: "storage.objects.create", resource };
  return isThere ? [create, { permission: "storage.objects.delete", resource }] : [create];
}

function inserting(state: StorageState): Needs {
  return ({ parts, query }) => writing(state, parts[0] ?? "", query("name") ?? "");
}

function composing(state: StorageState): Needs {
  return ({ parts: [bucket = "", name = ""] }) => [
    { permission: "storage.objects.get", resource: bucketName(bucket) },
    ...writing(state, bucket, name),
  ];
}

/** The permission of each method. Source: https://cloud.google.com/storage/docs/access-control/iam-json */
export function toRoutes(state: StorageState): RouteRules {
  // Names of buckets are everybody's: that one is not there is told to whoever asks.
  const isThere = ({ resource }: Need): boolean => {
    const [, bucket] = /^projects\/_\/buckets\/([^/]+)/.exec(resource) ?? [];
    return bucket === undefined || state.buckets.has(bucket);
  };
  return routesOf(state).map(({ verb, path, needs }) => ({
    verb,
    path,
    needs: (request) => needs(request).filter(isThere),
  }));
}

function routesOf(state: StorageState): RouteRules {
  const upload = /^\/(?:resumable\/)?upload\/storage\/v1\/b\/([^/]+)\/o$/;
  const object = /^\/(?:download\/)?storage\/v1\/b\/([^/]+)\/o\/(.+)$/;
  return [
    { verb: "POST", path: /^\/storage\/v1\/b$/, needs: onProject("storage.buckets.create") },
    { verb: "GET", path: /^\/storage\/v1\/b$/, needs: onProject("storage.buckets.list") },
    { verb: "GET", path: new RegExp(`^${BUCKET}$`), needs: onBucket("storage.buckets.get") },
    { verb: "PATCH", path: new RegExp(`^${BUCKET}$`), needs: onBucket("storage.buckets.update") },
    { verb: "DELETE", path: new RegExp(`^${BUCKET}$`), needs: onBucket("storage.buckets.delete") },
    {
      verb: "GET",
      path: new RegExp(`^${BUCKET}/iam$`),
      needs: onBucket("storage.buckets.getIamPolicy"),
    },
    {
      verb: "PUT",
      path: new RegExp(`^${BUCKET}/iam$`),
      needs: onBucket("storage.buckets.setIamPolicy"),
    },
    { verb: "GET", path: new RegExp(`^${BUCKET}/iam/testPermissions$`), needs: () => [] },
    {
      verb: "GET",
      path: new RegExp(`^${BUCKET}/(?:o|storageLayout)$`),
      needs: onBucket("storage.objects.list"),
    },
    {
      verb: "GET",
      path: new RegExp(`^${BUCKET}/managedFolders$`),
      needs: onBucket("storage.managedFolders.list"),
    },
    {
      verb: "POST",
      path: new RegExp(`^${BUCKET}/o/.+/(?:rewriteTo|copyTo)/b/([^/]+)/o/.+$`),
      needs: copying,
    },
    { verb: "POST", path: new RegExp(`^${BUCKET}/o/(.+)/compose$`), needs: composing(state) },
    { verb: "GET", path: object, needs: onObject("storage.objects.get") },
    { verb: "DELETE", path: object, needs: onObject("storage.objects.delete") },
    { verb: "POST", path: upload, needs: inserting(state) },
    { verb: "PUT", path: upload, needs: onBucket("storage.objects.create") },
    { verb: "DELETE", path: upload, needs: onBucket("storage.objects.create") },
  ];
}
