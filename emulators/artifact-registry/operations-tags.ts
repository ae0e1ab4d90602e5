import { badRequest, googleError } from "../kit/google-error.ts";
import { paginate } from "../kit/page.ts";
import type { PageRequest } from "../kit/page.ts";
import {
  filterByName,
  notFound,
  PAGE_LIMITS,
  requireImage,
  requireVersion,
  throwRefusal,
} from "./find.ts";
import { putTag, refuseTag, removeTag } from "./images.ts";
import type { HeldImage } from "./images.ts";
import { parsePackageName, parseTagName, parseVersionName, TAG, tagName } from "./names.ts";
import { toTagResource } from "./resources.ts";
import type { TagResource } from "./resources.ts";
import type { Registry } from "./state.ts";

/** The tags of an image are asked for by package; the filter knows `name` and `version`. */
export type ListTagsRequest = PageRequest & { readonly parent?: string; readonly filter?: string };

/** The tags of an image, by name. */
export function listTags(
  registry: Registry,
  request: ListTagsRequest,
): { readonly tags: readonly TagResource[]; readonly nextPageToken: string } {
  const { id, held } = requireImage(registry, parsePackageName(request.parent ?? ""));
  const names = [...held.tags].toSorted(([left], [right]) => (left < right ? -1 : 1));
  const tags = names.map(([tag, digest]) => toTagResource(id, { tag, digest }));
  const found = filterByName(tags, request.filter);
  const { items, nextPageToken } = paginate(found, request, PAGE_LIMITS);
  return { tags: items, nextPageToken };
}

/** One tag. @throws GoogleError NOT_FOUND */
export function getTag(registry: Registry, request: { readonly name?: string }): TagResource {
  const { image, tag, digest } = requireTag(registry, request.name ?? "");
  return toTagResource(image.id, { tag, digest });
}

/** What CreateTag takes. */
export type CreateTagRequest = {
  readonly parent?: string;
  readonly tagId?: string;
  readonly tag?: Partial<TagResource>;
};

/**
 * Gives a version one more tag, which is announced like a push.
 * @throws GoogleError ALREADY_EXISTS, NOT_FOUND, INVALID_ARGUMENT
 */
export function createTag(registry: Registry, request: CreateTagRequest): TagResource {
  const image = requireImage(registry, parsePackageName(request.parent ?? ""));
  const tag = request.tagId ?? "";
  if (!TAG.test(tag)) {
    throw badRequest("tag_id", `Invalid tag "${tag}"`);
  }
  if (image.held.tags.has(tag)) {
    throw googleError("ALREADY_EXISTS", `Tag "${tagName(image.id, tag)}" already exists`);
  }
  const digest = requireDigest(image, request.tag?.version);
  putTag(image, { tag, digest });
  return toTagResource(image.id, { tag, digest });
}

/** What UpdateTag takes. The version is all that can change. */
export type UpdateTagRequest = {
  readonly tag?: Partial<TagResource>;
  readonly updateMask?: string;
};

/** Moves a tag to another version. @throws GoogleError NOT_FOUND, FAILED_PRECONDITION */
export function updateTag(registry: Registry, request: UpdateTagRequest): TagResource {
  const { image, tag } = requireTag(registry, request.tag?.name ?? "");
  const mask = request.updateMask ?? "";
  if (mask !== "" && mask !== "*" && mask !== "version") {
    throw badRequest("update_mask", `Only version can be updated, not "${mask}"`);
  }
  const digest = requireDigest(image, request.tag?.version);
  throwRefusal(refuseTag(image.repository, image.id.image, { tag, digest }));
  putTag(image, { tag, digest });
  return toTagResource(image.id, { tag, digest });
}

/** Removes a tag and leaves its version. @throws GoogleError NOT_FOUND, FAILED_PRECONDITION */
export function deleteTag(registry: Registry, request: { readonly name?: string }): object {
  const { image, tag } = requireTag(registry, request.name ?? "");
  throwRefusal(removeTag(image, tag));
  return {};
}

function requireTag(
  registry: Registry,
  name: string,
): { readonly image: HeldImage; readonly tag: string; readonly digest: string } {
  const { tag, ...id } = parseTagName(name);
  const image = requireImage(registry, id);
  const digest = image.held.tags.get(tag);
  if (digest === undefined) {
    throw notFound("Tag", name);
  }
  return { image, tag, digest };
}

/** The digest of a version, which has to be one of the same image. */
function requireDigest(image: HeldImage, name: string | undefined): string {
  const { digest, ...id } = parseVersionName(name ?? "");
  const isSame = (["project", "location", "repository", "image"] as const).every(
    (part) => id[part] === image.id[part],
  );
  if (!isSame) {
    throw badRequest("tag.version", "The version must be one of the package that has the tag");
  }
  requireVersion(image, digest);
  return digest;
}
