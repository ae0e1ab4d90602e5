import type { Fields, Kind } from "../resource.ts";
import { isObject } from "../resource.ts";
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
    create: ({ name, fields }) => ({
      method: "POST",
      path: `v1/${parentOf(name)}/repositories`,
      query: { repositoryId: idOf(name) },
      body: fields,
    }),
    update: ({ name }, body, fields) => ({
      method: "PATCH",
      path: `v1/${name}`,
      query: { updateMask: fields.join(",") },
      body: { name, ...body },
    }),
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
    create: ({ name, fields }) => ({
      method: "POST",
      path: `v1/${parentOf(name)}/databases`,
      query: { databaseId: idOf(name) },
      body: fields,
    }),
    update: ({ name }, body, fields) => ({
      method: "PATCH",
      path: `v1/${name}`,
      query: { updateMask: fields.join(",") },
      body: { name, ...body },
    }),
  },
  index: {
    api: "firestore",
    mark: "none",
    normal: (found) => ({ ...found, indexConfig: indexConfigOf(found) }),
    create: ({ name, fields }) => fieldPatch(name, fields),
    update: ({ name }, body) => fieldPatch(name, body),
  },
  job: {
    api: "scheduler",
    mark: "description",
    create: ({ name, fields }) => ({
      method: "POST",
      path: `v1/${parentOf(name)}/jobs`,
      body: { name, ...fields },
    }),
    update: ({ name }, body, fields) => ({
      method: "PATCH",
      path: `v1/${name}`,
      query: { updateMask: fields.join(",") },
      body: { name, ...body },
    }),
    list: async (google, project, location) =>
      byName(
        await google.list("scheduler", `v1/projects/${project}/locations/${location}/jobs`, {
          items: "jobs",
        }),
      ),
  },
} as const satisfies Partial<Record<Kind, Shape>>;

function fieldPatch(
  name: string,
  body: Fields,
): {
  readonly method: "PATCH";
  readonly path: string;
  readonly query: { updateMask: string };
  readonly body: Fields;
} {
  return {
    method: "PATCH",
    path: `v1/${name}`,
    query: { updateMask: "indexConfig" },
    body: { name, ...body },
  };
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
