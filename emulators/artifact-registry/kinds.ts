import { idOf } from "../kit/collection-names.ts";
import { type Begin, collection, type Kind } from "../kit/collection.ts";
import { describedFields } from "../kit/collection-fields.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import type { Operations } from "../kit/operation.ts";
import { dropBelow, pointTag, removePackage, removeTag, removeVersion } from "./changes.ts";
import { TAG, uriOf } from "./names.ts";
import type { Kinds, Package, Registry, Repository, Tag, Version } from "./state.ts";

/** The descriptors of the API. */
export const PROTOS = "@google-cloud/artifact-registry/build/protos/protos.json";
/** Its package. */
export const API = "google.devtools.artifactregistry.v1";

/** How many items a page of any list of the API has. */
export const PAGES = { defaultSize: 100, maxSize: 1000 };
const ANY_ID = { pattern: /./, rule: "a name" };

const REPOSITORIES = "projects/*/locations/*/repositories/*";
const PACKAGES = `${REPOSITORIES}/packages/*`;

/** Source: https://cloud.google.com/artifact-registry/docs/repositories/create-repos */
const REPOSITORY_ID = {
  pattern: /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
  rule: "at most 63 lower-case letters, digits and hyphens, a letter first",
};

const LABELS_MAX = 64;
const LABEL_KEY = /^[a-z][a-z0-9_-]{0,62}$/;
const LABEL_VALUE = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u;

/** What has an effect elsewhere is not taken and forgotten. */
const NOT_EMULATED = [
  "mavenConfig",
  "dockerConfig",
  "virtualRepositoryConfig",
  "remoteRepositoryConfig",
  "kmsKeyName",
  "cleanupPolicies",
  "cleanupPolicyDryRun",
  "vulnerabilityScanningConfig",
  "disallowUnspecifiedMode",
];

/** Opens the kinds of resources of a registry, which is there once somebody asks. */
export function openKinds(registry: () => Registry): Kinds {
  const begin = beginning(() => registry().operations);
  const repositories = collection<Repository, object>({
    type: "Repository",
    pattern: REPOSITORIES,
    permission: "artifactregistry.repositories",
    verbs: ["create", "get", "list", "update", "delete"],
    fields: describedFields(PROTOS, `${API}.Repository`, {
      required: ["format"],
      immutable: ["format", "mode"],
      notEmulated: NOT_EMULATED,
    }),
    ids: REPOSITORY_ID,
    pages: PAGES,
    begin,
    create: (draft) => checkRepository({ mode: "STANDARD_REPOSITORY", ...draft }),
    update: checkRepository,
    remove: ({ name }) => {
      registry().keeper.forget(name);
      return dropBelow(registry(), name);
    },
    view: (one) => ({
      ...one,
      sizeBytes: String(storedBytes(registry(), one.name)),
      registryUri: uriOf(one.name),
    }),
  });
  const packages = collection<Package, object>({
    ...pushed("Package", PACKAGES),
    parents: repositories,
    begin,
    remove: ({ name }) => removePackage(registry(), name),
  });
  const versions = collection<Version, object>({
    ...pushed("Version", `${PACKAGES}/versions/*`),
    parents: packages,
    begin,
    remove: ({ name }, { force }) => removeVersion(registry(), name, force === true),
  });
  return { repositories, packages, versions, tags: openTags(registry, packages) };
}

type Usual = Omit<Kind<object, object>, "update" | "remove" | "view">;

/** Pushes make them. */
function pushed(type: string, pattern: string): Usual {
  return {
    type,
    pattern,
    permission: `artifactregistry.${type.toLowerCase()}s`,
    verbs: ["get", "list", "delete"],
    fields: describedFields(PROTOS, `${API}.${type}`),
    ids: ANY_ID,
    pages: PAGES,
    create: () => ({}),
  };
}

/** Only the version of a tag can change. */
function openTags(registry: () => Registry, packages: Registry["packages"]): Registry["tags"] {
  return collection<Tag, object>({
    ...pushed("Tag", `${PACKAGES}/tags/*`),
    verbs: ["create", "get", "list", "update", "delete"],
    ids: { pattern: TAG, rule: "at most 128 letters, digits, dots, hyphens and underscores" },
    parents: packages,
    create: ({ version }, { name }) => pointTag(registry(), name, version),
    update: ({ name, version }) => pointTag(registry(), name, version),
    remove: ({ name }) => removeTag(registry(), name),
  });
}

/** Operations are done when they are returned. A repository is updated without one. */
function beginning(operations: () => Operations): Begin {
  return ({ target, verb, type, response }) =>
    verb === "update" && response !== null
      ? response()
      : operations().done({
          parent: target.split("/").slice(0, 4).join("/"),
          metadata: { "@type": `type.googleapis.com/${API}.OperationMetadata` },
          response:
            response === null
              ? { "@type": "type.googleapis.com/google.protobuf.Empty" }
              : { "@type": `type.googleapis.com/${API}.${type}`, ...response() },
        });
}

/** @throws GoogleError INVALID_ARGUMENT for labels, UNIMPLEMENTED for what is no Docker repository of its own */
function checkRepository({ format, mode, labels = {} }: Repository): Pick<Repository, "mode"> {
  if (format !== "DOCKER" || mode !== "STANDARD_REPOSITORY") {
    throw googleError("UNIMPLEMENTED", `Repositories ${format} ${mode} are not emulated`);
  }
  const entries = Object.entries(labels);
  const bad = entries.find(([key, value]) => !LABEL_KEY.test(key) || !LABEL_VALUE.test(value));
  if (bad !== undefined || entries.length > LABELS_MAX) {
    const problem = bad === undefined ? "Too many labels" : `Invalid label "${bad.join("=")}"`;
    throw badRequest("repository.labels", problem);
  }
  return { mode };
}

/** Every blob and manifest of a repository counts once, whatever number of images share it. */
function storedBytes({ contents }: Registry, repository: string): number {
  const own = [...contents].filter(([name]) => name.startsWith(`${repository}/`));
  const sizes = new Map(own.map(([name, size]) => [idOf(name), size]));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
