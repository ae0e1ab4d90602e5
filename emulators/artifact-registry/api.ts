import { type PolicyKeeper, policyMethods } from "../kit/access/policy-methods.ts";
import { type Api, type Message, operation, type Unary } from "../kit/call.ts";
import { parseFilter } from "../kit/filter.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import type { Operation, Operations } from "../kit/operation.ts";
import { orderBy } from "../kit/values.ts";
import { paginate, type PageRequest } from "../kit/page.ts";
import { type HeldImage, putTag, removePackage, removeTag, removeVersion } from "./images.ts";
import {
  packageName,
  parseName,
  repositoryName,
  type RepositoryId,
  TAG,
  tagName,
} from "./names.ts";
import {
  createRepository,
  deleteRepository,
  type RepositoryInput,
  requireRepository,
  toRepositoryResource,
  updateRepository,
} from "./repositories.ts";
import {
  type Named,
  requireImage,
  requireTag,
  requireVersion,
  toDockerImage,
  toPackageResource,
  toTagResource,
  toVersionResource,
} from "./resources.ts";
import type { Registry, Repository } from "./state.ts";

/** What the requests of the API have, each some of it. */
type Request = PageRequest & {
  readonly parent?: string;
  readonly name?: string;
  readonly filter?: string;
  readonly orderBy?: string;
  readonly view?: string;
  readonly force?: boolean;
  readonly tagId?: string;
  readonly tag?: { readonly name?: string; readonly version?: string };
  readonly repositoryId?: string;
  readonly repository?: RepositoryInput;
  readonly updateMask?: string;
};

/** How many items a page of any list of the API has. */
const PAGE_LIMITS = { defaultSize: 100, maxSize: 1000 };

const TYPE = "type.googleapis.com/google.devtools.artifactregistry.v1";
const EMPTY = { "@type": "type.googleapis.com/google.protobuf.Empty" };

/** Gives an operation that is done when it is returned, as all of this API are. */
type Done = (id: Omit<RepositoryId, "repository">, response: object) => Operation;

/** The Artifact Registry API v1 on a registry's state. */
export function toApi(registry: Registry, operations: Operations, keeper: PolicyKeeper): Api {
  const done: Done = ({ project, location }, response) =>
    operations.done({
      parent: `projects/${project}/locations/${location}`,
      metadata: { "@type": `${TYPE}.OperationMetadata` },
      response,
    });
  return {
    protos: "@google-cloud/artifact-registry/build/protos/protos.json",
    service: "google.devtools.artifactregistry.v1.ArtifactRegistry",
    unary: {
      ...imageMethods(registry, done),
      ...repositoryMethods(registry, keeper, done),
      ...tagMethods(registry),
    },
  };
}

type Methods = Readonly<Record<string, Unary>>;

function answering(run: (request: Request) => unknown): Unary {
  return operation<Request>(run);
}

function imageMethods(registry: Registry, done: Done): Methods {
  return {
    ListDockerImages: answering((request) => {
      const { id, packages } = requireRepository(registry, request.parent);
      const images = [...packages].flatMap(([image, held]) =>
        [...held.versions.values()].map((version) =>
          toDockerImage({ id: { ...id, image }, held, version }),
        ),
      );
      return page("dockerImages", images, request);
    }),
    GetDockerImage: answering(({ name }) =>
      toDockerImage(requireVersion(registry, name, "dockerImage")),
    ),
    ListVersions: answering((request) => {
      const { id, held } = requireImage(registry, request.parent);
      const versions = [...held.versions.values()].map((version) =>
        toVersionResource({ id, held, version }, request.view),
      );
      return page("versions", versions, request);
    }),
    GetVersion: answering(({ name, view }) =>
      toVersionResource(requireVersion(registry, name), view),
    ),
    DeleteVersion: answering(({ name, force = false }) => {
      const found = requireVersion(registry, name);
      removeVersion(found, { digest: found.version.digest, force });
      return done(found.id, EMPTY);
    }),
    ListPackages: answering((request) => {
      const { id, packages } = requireRepository(registry, request.parent);
      const all = [...packages].map(([image, held]) =>
        toPackageResource({ id: { ...id, image }, held }),
      );
      return page("packages", all, request);
    }),
    GetPackage: answering(({ name }) => toPackageResource(requireImage(registry, name))),
    DeletePackage: answering(({ name }) => {
      const image = requireImage(registry, name);
      removePackage(image);
      return done(image.id, EMPTY);
    }),
  };
}

function repositoryMethods(registry: Registry, keeper: PolicyKeeper, done: Done): Methods {
  return {
    ListRepositories: answering((request) => {
      const { project, location } = parseName("location", request.parent);
      const isIn = ({ id }: Repository): boolean =>
        id.project === project && (location === "-" || id.location === location);
      const all = [...registry.repositories.values()].filter(isIn).map(toRepositoryResource);
      return page("repositories", all, request);
    }),
    GetRepository: answering(({ name }) => toRepositoryResource(requireRepository(registry, name))),
    CreateRepository: answering(({ parent, repositoryId = "", repository = {} }) => {
      const { project, location } = parseName("location", parent);
      const id = { project, location, repository: repositoryId };
      const made = createRepository(registry, id, repository);
      return done(id, { "@type": `${TYPE}.Repository`, ...made });
    }),
    UpdateRepository: answering(({ repository = {}, updateMask }) =>
      updateRepository(registry, repository, updateMask),
    ),
    DeleteRepository: answering(({ name }) => {
      const repository = requireRepository(registry, name);
      deleteRepository(registry, repository);
      keeper.forget(repositoryName(repository.id));
      return done(repository.id, EMPTY);
    }),
    ...policyMethods(keeper, (name) => repositoryName(requireRepository(registry, name).id)),
  };
}

/** A tag is announced like a push, and its version is all that can change. */
function tagMethods(registry: Registry): Methods {
  return {
    ListTags: answering((request) => {
      const { id, held } = requireImage(registry, request.parent);
      const tags = [...held.tags].map(([tag, digest]) => toTagResource({ id, tag, digest }));
      return page("tags", tags, request);
    }),
    GetTag: answering(({ name }) => toTagResource(requireTag(registry, name))),
    CreateTag: answering(({ parent, tagId = "", tag }) => {
      const image = requireImage(registry, parent);
      if (!TAG.test(tagId)) {
        throw badRequest("tag_id", `Invalid tag "${tagId}"`);
      }
      if (image.held.tags.has(tagId)) {
        throw googleError("ALREADY_EXISTS", `Tag "${tagName(image.id, tagId)}" already exists`);
      }
      return pointTag(image, tagId, tag?.version);
    }),
    UpdateTag: answering(({ tag, updateMask = "" }) => {
      const found = requireTag(registry, tag?.name);
      if (!["", "*", "version"].includes(updateMask)) {
        throw badRequest("update_mask", `Only version can be updated, not "${updateMask}"`);
      }
      return pointTag(found, found.tag, tag?.version);
    }),
    DeleteTag: answering(({ name }) => {
      const found = requireTag(registry, name);
      removeTag(found, found.tag);
      return {};
    }),
  };
}

/** The version that a tag is to name has to be one of the same image. */
function pointTag(image: HeldImage, tag: string, name: string | undefined): Named {
  const { id, version } = requireVersion(image.registry, name);
  if (packageName(id) !== packageName(image.id)) {
    throw badRequest("tag.version", "The version must be one of the package that has the tag");
  }
  putTag(image, tag, version.digest);
  return toTagResource({ id, tag, digest: version.digest });
}

/** One page of a list, by name unless `orderBy` says otherwise. */
function page(field: string, items: readonly Named[], request: Request): Message {
  const byName = items.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const found = orderBy(byName.filter(parseFilter(request.filter ?? "")), request.orderBy);
  const { items: paged, nextPageToken } = paginate(found, request, PAGE_LIMITS);
  return { [field]: paged, nextPageToken };
}
