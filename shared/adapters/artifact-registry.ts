import type { ArtifactRegistryClient, protos } from "@google-cloud/artifact-registry";

import { digest, isDigest } from "../domain/ids.ts";
import { PermanentError } from "../ports/errors.ts";
import type { ImageView, Registry } from "../ports/registry.ts";
import { endpointOptions, lazily, ONE_CALL } from "./grpc-endpoint.ts";
import type { GrpcEndpoint } from "./grpc-endpoint.ts";
import { imageFiles } from "./image-files.ts";
import { imageInspection } from "./image-inspection.ts";
import { parseImageRepository } from "./image-repository.ts";
import type { ImageRepository } from "../wire/image-repository.ts";
import { callOutside, nullWhenMissing } from "./outside-call.ts";

type Client = () => Promise<ArtifactRegistryClient>;
type Version = protos.google.devtools.artifactregistry.v1.IVersion;
type Timestamp = protos.google.protobuf.ITimestamp;

/** What one call lists; the service allows 1000. */
const PAGE_SIZE = 500;
/** How far back a list goes before it is given up. */
const PAGES_MAX = 20;

/**
 * Artifact Registry through its own client.
 * Source: https://cloud.google.com/artifact-registry/docs/reference/rpc
 */
export function artifactRegistry(options: { readonly endpoint: GrpcEndpoint }): Registry {
  const client = lazily(async () => {
    const { ArtifactRegistryClient: Opened } = await import("@google-cloud/artifact-registry");
    return new Opened(await endpointOptions(options.endpoint));
  });
  return {
    getImage: async (repository, image) => {
      const place = parseImageRepository(repository);
      const id = encodeURIComponent(place.image);
      const name = `${repositoryName(place)}/dockerImages/${id}@${image}`;
      return orNull(name, async () => {
        const [found] = await (await client()).getDockerImage({ name }, ONE_CALL);
        const uploadedAt = toFixedWidth(found.uploadTime);
        const updatedAt = laterOf(uploadedAt, toFixedWidth(found.updateTime));
        return { digest: image, tags: found.tags ?? [], uploadedAt, updatedAt };
      });
    },
    listImages: async (repository, { changedAfter, limit }) => {
      const place = parseImageRepository(repository);
      const parent = `${repositoryName(place)}/packages/${encodeURIComponent(place.image)}`;
      const versions = await orNull(parent, () =>
        listVersions(client, { parent, changedAfter, limit }),
      );
      return (versions ?? [])
        .filter(({ updatedAt }) => changedAfter === null || updatedAt > changedAfter)
        .toSorted((one, other) => (one.updatedAt < other.updatedAt ? 1 : -1))
        .slice(0, limit);
    },
    findTag: async (repository, tag) => {
      const place = parseImageRepository(repository);
      const parent = `${repositoryName(place)}/packages/${encodeURIComponent(place.image)}`;
      const name = `${parent}/tags/${encodeURIComponent(tag)}`;
      return orNull(name, async () => {
        const [found] = await (await client()).getTag({ name }, ONE_CALL);
        const id = lastPart(found.version);
        return isDigest(id) ? digest(id) : null;
      });
    },
    inspect: imageInspection(imageFiles(options)),
  };
}

async function orNull<Value>(name: string, act: () => Promise<Value>): Promise<Value | null> {
  return nullWhenMissing(() => callOutside(name, act));
}

/**
 * The versions of one image: listing docker images would go through the whole repository. The list ends
 * early once it reaches what is known, provided that the service keeps to the order asked for; a list
 * that it gives in another order is read to its end.
 */
async function listVersions(
  client: Client,
  list: { readonly parent: string; readonly changedAfter: string | null; readonly limit: number },
): Promise<readonly ImageView[]> {
  const found: ImageView[] = [];
  let pageToken = "";
  for (let page = 1; page <= PAGES_MAX; page += 1) {
    const request = {
      parent: list.parent,
      pageSize: PAGE_SIZE,
      pageToken,
      view: "FULL",
      orderBy: "update_time desc",
    } as const;
    const [versions, , response] = await (
      await client()
    ).listVersions(request, { ...ONE_CALL, autoPaginate: false });
    found.push(...versions.flatMap(toImageView));
    pageToken = response.nextPageToken ?? "";
    if (pageToken === "" || (isLastChangedFirst(found) && isEnough(found, list))) {
      return found;
    }
  }
  const known = PAGE_SIZE * PAGES_MAX;
  throw new PermanentError(
    "RESOURCE_EXHAUSTED",
    `${list.parent} has more than ${known} versions, and the last changed are not listed first`,
  );
}

function isEnough(
  found: readonly ImageView[],
  { changedAfter, limit }: { readonly changedAfter: string | null; readonly limit: number },
): boolean {
  const oldest = found.at(-1)?.updatedAt ?? "";
  return found.length >= limit || (changedAfter !== null && oldest <= changedAfter);
}

function isLastChangedFirst(found: readonly ImageView[]): boolean {
  return found.every(
    ({ updatedAt }, index) => index === 0 || updatedAt <= (found[index - 1]?.updatedAt ?? ""),
  );
}

function toImageView(version: Version): readonly ImageView[] {
  const id = lastPart(version.name);
  const uploadedAt = toFixedWidth(version.createTime);
  const updatedAt = laterOf(uploadedAt, toFixedWidth(version.updateTime));
  return isDigest(id)
    ? [
        {
          digest: digest(id),
          tags: (version.relatedTags ?? []).map(({ name }) => lastPart(name)),
          uploadedAt,
          updatedAt,
        },
      ]
    : [];
}

/** An image that was never changed may have no time of its last change. */
function laterOf(uploadedAt: string, updatedAt: string): string {
  return updatedAt > uploadedAt ? updatedAt : uploadedAt;
}

function lastPart(name: string | null | undefined): string {
  return (name ?? "").split("/").at(-1) ?? "";
}

const NANOSECOND_DIGITS = 9;
const MS_PER_SECOND = 1000;

/** RFC 3339 with nine digits after the second, so that text order is time order. */
function toFixedWidth(time: Timestamp | null | undefined): string {
  const seconds = new Date(Number(time?.seconds ?? 0) * MS_PER_SECOND).toISOString().slice(0, 19);
  return `${seconds}.${String(time?.nanos ?? 0).padStart(NANOSECOND_DIGITS, "0")}Z`;
}

function repositoryName({ project, location, repository }: ImageRepository): string {
  return `projects/${project}/locations/${location}/repositories/${repository}`;
}
