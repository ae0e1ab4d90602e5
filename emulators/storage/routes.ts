import type { Context, Hono } from "hono";
import { checkNeeds, type Guard, identifyCaller } from "../kit/access/guard.ts";
import type { Need } from "../kit/access/rules.ts";
import { type FaultPlan, runWithFaults } from "../kit/faults.ts";
import {
  onDeleteBucket,
  onGetBucket,
  onGetLayout,
  onInsertBucket,
  onListBuckets,
  onListManagedFolders,
  onPatchBucket,
  onPolicy,
  resourceName,
} from "./buckets.ts";
import { onCompose } from "./compose.ts";
import { onListObjects } from "./object-list.ts";
import { onDeleteObject, onGetObject, onRewrite } from "./objects.ts";
import { type Handler, placeOf, type StorageContext } from "./request.ts";
import type { StorageState } from "./state.ts";
import { notImplemented, toErrorResponse } from "./storage-error.ts";
import { onChunk, onUpload } from "./uploads.ts";

/** What a request needs. */
type Needs = (state: StorageState, c: Context) => readonly Need[];

type Verb = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Without needs of its own it needs the permission of its name on the bucket. */
type Route = readonly [method: string, verb: Verb, path: string, run: Handler, needs?: Needs];

const BUCKETS = "/storage/v1/b";
const BUCKET = `${BUCKETS}/:bucket`;
const OBJECTS = `${BUCKET}/o`;
const OBJECT = `${OBJECTS}/:object`;
const REWRITE = `${OBJECT}/rewriteTo/b/:toBucket/o/:toObject`;

/**
 * The methods, as fault plans and the API's reference name them.
 * Source: https://cloud.google.com/storage/docs/access-control/iam-json
 */
const ROUTES: readonly Route[] = [
  ["buckets.insert", "POST", BUCKETS, onInsertBucket, onProject("create")],
  ["buckets.list", "GET", BUCKETS, onListBuckets, onProject("list")],
  ["buckets.get", "GET", BUCKET, onGetBucket],
  ["buckets.patch", "PATCH", BUCKET, onPatchBucket, onBucket("buckets.update")],
  ["buckets.delete", "DELETE", BUCKET, onDeleteBucket],
  ["buckets.getIamPolicy", "GET", `${BUCKET}/iam`, onPolicy],
  ["buckets.setIamPolicy", "PUT", `${BUCKET}/iam`, onPolicy],
  [
    "buckets.getStorageLayout",
    "GET",
    `${BUCKET}/storageLayout`,
    onGetLayout,
    onBucket("objects.list"),
  ],
  ["managedFolders.list", "GET", `${BUCKET}/managedFolders`, onListManagedFolders],
  ["objects.list", "GET", OBJECTS, onListObjects],
  ["objects.get", "GET", OBJECT, onGetObject],
  ["objects.get", "GET", `/download${OBJECT}`, onGetObject],
  ["objects.delete", "DELETE", OBJECT, onDeleteObject],
  ["objects.rewrite", "POST", REWRITE, onRewrite, copying],
  ["objects.compose", "POST", `${OBJECT}/compose`, onCompose, composing],
  ...["/upload", "/resumable/upload"].flatMap((prefix): readonly Route[] => [
    ["objects.insert", "POST", `${prefix}${OBJECTS}`, onUpload, uploading],
    ["objects.insert", "PUT", `${prefix}${OBJECTS}`, onChunk, onBucket("objects.create")],
  ]),
];

/** Serves the methods; every other one is refused by its path. */
export function addRoutes(
  app: Hono,
  storage: StorageContext,
  { faults, guard }: { readonly faults: FaultPlan; readonly guard: Guard | undefined },
): void {
  const { state, clock } = storage;
  faults.declare(ROUTES.map(([name]) => `storage/${name}`));
  for (const [name, verb, path, run, needs = onBucket(name)] of ROUTES) {
    app.on(verb, path, async (c) => {
      try {
        if (guard !== undefined) {
          check(guard, c, needs(state, c));
        }
        const plan = { clock, faults, method: `storage/${name}` };
        return await runWithFaults(plan, () => run(storage, c));
      } catch (error) {
        return toErrorResponse(error);
      }
    });
  }
  for (const path of ["/storage/v1/*", "/upload/*", "/download/*", "/batch/*"]) {
    app.all(path, (c) => toErrorResponse(notImplemented(`${c.req.method} ${c.req.path}`)));
  }

  /** Names of buckets are everybody's: that one is not there is told to whoever asks. */
  function check(by: Guard, c: Context, needed: readonly Need[]): void {
    const headers = c.req.header();
    const member = identifyCaller(by, headers);
    const known = needed.filter(({ resource }) => {
      const [, bucket] = /^projects\/_\/buckets\/([^/]+)/.exec(resource) ?? [];
      return bucket === undefined || state.buckets.has(bucket);
    });
    checkNeeds(by, { member, headers, needed: known });
  }
}

function onProject(verb: string): Needs {
  const permission = `storage.buckets.${verb}`;
  return (_, c) => [{ permission, resource: `projects/${c.req.query("project") ?? ""}` }];
}

function onBucket(verb: string): Needs {
  return (_, c) => [{ permission: `storage.${verb}`, resource: resourceName(placeOf(c).bucket) }];
}

function copying(_: StorageState, c: Context): readonly Need[] {
  const to = c.req.param("toBucket") ?? "";
  return [
    { permission: "storage.objects.get", resource: resourceName(placeOf(c).bucket) },
    { permission: "storage.objects.create", resource: resourceName(to) },
  ];
}

function composing(state: StorageState, c: Context): readonly Need[] {
  const resource = resourceName(placeOf(c).bucket);
  return [{ permission: "storage.objects.get", resource }, ...writing(state, c, placeOf(c).name)];
}

function uploading(state: StorageState, c: Context): readonly Need[] {
  return writing(state, c, c.req.query("name") ?? "");
}

/** Writing over an object deletes what was there. */
function writing(state: StorageState, c: Context, name: string): readonly Need[] {
  const { bucket } = placeOf(c);
  const resource = resourceName(bucket);
  const isThere = state.objects.has(`${bucket}/${name}`);
  return ["create", ...(isThere ? ["delete"] : [])].map((verb) => ({
    permission: `storage.objects.${verb}`,
    resource,
  }));
}
