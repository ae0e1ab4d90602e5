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
import { type ObjectPlace, onDeleteObject, onGetObject, onRewrite, placeOf } from "./objects.ts";
import type { Handler, StorageContext } from "./request.ts";
import type { StorageState } from "./state.ts";
import { notImplemented, toErrorResponse } from "./storage-error.ts";
import { onChunk, onUpload } from "./uploads.ts";

/** What a request needs; nothing but a known caller when it is empty. */
type Needs = (state: StorageState, c: Context) => readonly Need[];

type Route = {
  readonly at: readonly [verb: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", ...paths: string[]];
  readonly needs: Needs;
  readonly run: Handler;
};

const BUCKETS = "/storage/v1/b";
const BUCKET = `${BUCKETS}/:bucket`;
const OBJECT = `${BUCKET}/o/:object`;
const POLICY = `${BUCKET}/iam`;
const TEST = `${POLICY}/testPermissions`;
const REWRITE = `${OBJECT}/rewriteTo/b/:toBucket/o/:toObject`;
const UPLOADS = [`/upload${BUCKET}/o`, `/resumable/upload${BUCKET}/o`] as const;

const inserting = onBucket("objects.create");

/**
 * The methods, as fault plans and the API's reference name them, with the permission of each.
 * Source: https://cloud.google.com/storage/docs/access-control/iam-json
 */
const ROUTES: Readonly<Record<string, Route | readonly Route[]>> = {
  "buckets.insert": { at: ["POST", BUCKETS], needs: onProject("create"), run: onInsertBucket },
  "buckets.list": { at: ["GET", BUCKETS], needs: onProject("list"), run: onListBuckets },
  "buckets.get": { at: ["GET", BUCKET], needs: onBucket("buckets.get"), run: onGetBucket },
  "buckets.patch": { at: ["PATCH", BUCKET], needs: onBucket("buckets.update"), run: onPatchBucket },
  "buckets.delete": {
    at: ["DELETE", BUCKET],
    needs: onBucket("buckets.delete"),
    run: onDeleteBucket,
  },
  "buckets.getIamPolicy": {
    at: ["GET", POLICY],
    needs: onBucket("buckets.getIamPolicy"),
    run: onPolicy,
  },
  "buckets.setIamPolicy": {
    at: ["PUT", POLICY],
    needs: onBucket("buckets.setIamPolicy"),
    run: onPolicy,
  },
  "buckets.testIamPermissions": { at: ["GET", TEST], needs: () => [], run: onPolicy },
  "buckets.getStorageLayout": {
    at: ["GET", `${BUCKET}/storageLayout`],
    needs: onBucket("objects.list"),
    run: onGetLayout,
  },
  "managedFolders.list": {
    at: ["GET", `${BUCKET}/managedFolders`],
    needs: onBucket("managedFolders.list"),
    run: onListManagedFolders,
  },
  "objects.list": {
    at: ["GET", `${BUCKET}/o`],
    needs: onBucket("objects.list"),
    run: onListObjects,
  },
  "objects.get": {
    at: ["GET", OBJECT, `/download${OBJECT}`],
    needs: onObject("get"),
    run: onGetObject,
  },
  "objects.delete": { at: ["DELETE", OBJECT], needs: onObject("delete"), run: onDeleteObject },
  "objects.rewrite": { at: ["POST", REWRITE], needs: copying, run: onRewrite },
  "objects.compose": { at: ["POST", `${OBJECT}/compose`], needs: composing, run: onCompose },
  "objects.insert": [
    { at: ["POST", ...UPLOADS], needs: uploading, run: onUpload },
    { at: ["PUT", ...UPLOADS], needs: inserting, run: onChunk },
  ],
};

/** Serves the methods; every other one is refused by its path. */
export function addRoutes(
  app: Hono,
  storage: StorageContext,
  { faults, guard }: { readonly faults: FaultPlan; readonly guard: Guard | undefined },
): void {
  const { state, clock } = storage;
  faults.declare(Object.keys(ROUTES).map((name) => `storage/${name}`));
  for (const [name, routes] of Object.entries(ROUTES)) {
    for (const { at, needs, run } of [routes].flat()) {
      const [verb, ...paths] = at;
      app.on(verb, paths, async (c) => {
        try {
          const member = guard === undefined ? null : check(guard, c, needs(state, c));
          const plan = { clock, faults, method: `storage/${name}` };
          return await runWithFaults(plan, () => run(storage, { c, member }));
        } catch (error) {
          return toErrorResponse(error);
        }
      });
    }
  }
  for (const path of ["/storage/v1/*", "/upload/*", "/download/*", "/batch/*"]) {
    app.all(path, (c) => toErrorResponse(notImplemented(`${c.req.method} ${c.req.path}`)));
  }

  /** Names of buckets are everybody's: that one is not there is told to whoever asks. */
  function check(by: Guard, c: Context, needed: readonly Need[]): string {
    const headers = c.req.header();
    const member = identifyCaller(by, headers);
    const known = needed.filter(({ resource }) => {
      const [, bucket] = /^projects\/_\/buckets\/([^/]+)/.exec(resource) ?? [];
      return bucket === undefined || state.buckets.has(bucket);
    });
    checkNeeds(by, { member, headers, needed: known });
    return member;
  }
}

function onProject(verb: string): Needs {
  const permission = `storage.buckets.${verb}`;
  return (_, c) => [{ permission, resource: `projects/${c.req.query("project") ?? ""}` }];
}

function onBucket(verb: string): Needs {
  return (_, c) => [{ permission: `storage.${verb}`, resource: resourceName(placeOf(c).bucket) }];
}

function onObject(verb: string): Needs {
  const permission = `storage.objects.${verb}`;
  return (_, c) => {
    const { bucket, name } = placeOf(c);
    return [{ permission, resource: `${resourceName(bucket)}/objects/${name}` }];
  };
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
  return [{ permission: "storage.objects.get", resource }, ...writing(state, placeOf(c))];
}

function uploading(state: StorageState, c: Context): readonly Need[] {
  return writing(state, { ...placeOf(c), name: c.req.query("name") ?? "" });
}

/** Writing over an object deletes what was there. */
function writing(state: StorageState, { bucket, name }: ObjectPlace): readonly Need[] {
  const resource = resourceName(bucket);
  const isThere = state.buckets.get(bucket)?.objects.has(name) === true;
  return ["create", ...(isThere ? ["delete"] : [])].map((verb) => ({
    permission: `storage.objects.${verb}`,
    resource,
  }));
}
