import type { Fields, Kind } from "../resource.ts";
import { isObject } from "../resource.ts";
import type { Request } from "./google.ts";
import { byName, idOf, parentOf } from "./rest-kind.ts";
import type { Shape } from "./rest-kind.ts";

/** The kinds whose APIs follow Google's standard methods. */
export const SHAPES = {
  account: {
    api: "iam",
    mark: "description",
    create: ({ name, fields }) => ({
      method: "POST",
      path: `v1/${parentOf(name)}/serviceAccounts`,
      body: { accountId: idOf(name).split("@")[0] ?? "", serviceAccount: fields },
    }),
    update: ({ name }, body, fields) => ({
      method: "PATCH",
      path: `v1/${name}`,
      body: { serviceAccount: body, updateMask: fields.join(",") },
    }),
  },
  bucket: {
    api: "storage",
    mark: "labels",
    immutable: ["location"],
    path: ({ name }) => `storage/v1/b/${name}`,
    create: ({ name, project, fields }) => ({
      method: "POST",
      path: "storage/v1/b",
      query: { project },
      body: { name, ...fields },
    }),
    update: ({ name }, body) => ({ method: "PATCH", path: `storage/v1/b/${name}`, body }),
  },
  repository: {
    api: "artifactregistry",
    mark: "labels",
    immutable: ["format"],
    create: ({ name, fields }) => creationOf(name, "repositories", { id: "repositoryId", fields }),
    update: ({ name }, body, fields) => patchOf(name, body, fields),
  },
  topic: {
    api: "pubsub",
    mark: "labels",
    create: ({ name, fields }) => ({ method: "PUT", path: `v1/${name}`, body: fields }),
    update: ({ name }, body, fields) => ({
      method: "PATCH",
      path: `v1/${name}`,
      body: { topic: { name, ...body }, updateMask: fields.join(",") },
    }),
    list: async (google, project) =>
      byName(await google.list("pubsub", `v1/projects/${project}/topics`, { items: "topics" })),
  },
  subscription: {
    api: "pubsub",
    mark: "labels",
    exact: ["expirationPolicy"],
    immutable: ["topic"],
    create: ({ name, fields }) => ({ method: "PUT", path: `v1/${name}`, body: fields }),
    update: ({ name }, body, fields) => ({
      method: "PATCH",
      path: `v1/${name}`,
      body: { subscription: { name, ...body }, updateMask: fields.join(",") },
    }),
    list: async (google, project) =>
      byName(
        await google.list("pubsub", `v1/projects/${project}/subscriptions`, {
          items: "subscriptions",
        }),
      ),
  },
  database: {
    api: "firestore",
    mark: "none",
    immutable: ["locationId", "type"],
    create: ({ name, fields }) => creationOf(name, "databases", { id: "databaseId", fields }),
    update: ({ name }, body, fields) => patchOf(name, body, fields),
  },
  index: {
    api: "firestore",
    mark: "none",
    normal: (found) => ({ ...found, indexConfig: indexConfigOf(found), ...ttlConfigOf(found) }),
    create: ({ name, fields }) => patchOf(name, fields, Object.keys(fields)),
    update: ({ name, fields }, body) => patchOf(name, body, Object.keys(fields)),
  },
  job: {
    api: "scheduler",
    mark: "description",
    create: ({ name, fields }) => ({
      method: "POST",
      path: `v1/${parentOf(name)}/jobs`,
      body: { name, ...fields },
    }),
    update: ({ name }, body, fields) => patchOf(name, body, fields),
    list: async (google, project, location) =>
      byName(
        await google.list("scheduler", `v1/projects/${project}/locations/${location}/jobs`, {
          items: "jobs",
        }),
      ),
  },
} as const satisfies Partial<Record<Kind, Shape>>;

/** A patch by a mask. Source: https://google.aip.dev/134 */
function patchOf(name: string, body: Fields, fields: readonly string[]): Request {
  return {
    method: "PATCH",
    path: `v1/${name}`,
    query: { updateMask: fields.join(",") },
    body: { name, ...body },
  };
}

/** A create with the id beside the resource. Source: https://google.aip.dev/133 */
function creationOf(
  name: string,
  collection: string,
  { id, fields }: { readonly id: string; readonly fields: Fields },
): Request {
  return {
    method: "POST",
    path: `v1/${parentOf(name)}/${collection}`,
    query: { [id]: idOf(name) },
    body: fields,
  };
}

/**
 * A policy that is being set is as good as one that is; its state is the service's own to say.
 * Source: https://cloud.google.com/firestore/docs/reference/rest/v1/projects.databases.collectionGroups.fields#ttlconfig
 */
function ttlConfigOf({ ttlConfig }: Fields): Fields {
  const isOn = isObject(ttlConfig) && ttlConfig["state"] !== "NEEDS_REPAIR";
  return isOn ? { ttlConfig: { state: "ACTIVE" } } : { ttlConfig: { state: "OFF" } };
}

/**
 * A field that nobody set has the indexes of its ancestor. That is no setting of its own, whatever it shows.
 * Source: https://cloud.google.com/firestore/docs/reference/rest/v1/projects.databases.collectionGroups.fields
 */
function indexConfigOf({ indexConfig }: Fields): Fields {
  const config = isObject(indexConfig) ? indexConfig : {};
  return config["usesAncestorConfig"] === true
    ? { indexes: ["as every field"] }
    : { indexes: config["indexes"] ?? [] };
}
