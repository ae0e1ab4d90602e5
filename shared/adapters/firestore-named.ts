import type { DocumentReference, DocumentSnapshot } from "@google-cloud/firestore";

import { imageIdOf } from "../domain/ids.ts";
import type { ReleaseId } from "../domain/ids.ts";
import type { Image } from "../domain/image.ts";
import type { Release } from "../domain/release.ts";
import type { Named } from "../domain/named.ts";
import { ImageValue, ReleaseValue } from "../wire/state/history.ts";
import { isDocumentId } from "./documents.ts";
import { bodyOf } from "./firestore-client.ts";

/** Reads documents at once, in a transaction or outside; one that does not exist is read as such. */
type GetAll = (...references: DocumentReference[]) => Promise<readonly DocumentSnapshot[]>;

/**
 * Reads releases that are named, and what is known of their images. An image of which nothing is known has no
 * release, so that the first push of an image costs one read.
 */
export async function readNamed(
  getAll: GetAll,
  service: DocumentReference,
  ids: readonly ReleaseId[],
): Promise<Named> {
  const images = await readImages(getAll, service, ids);
  const known = new Set<string>(images.map(({ id }) => id));
  const wanted = ids.filter((id) => isDocumentId(id) && known.has(imageIdOf(id) ?? ""));
  const releases = await read(getAll, wanted, (id) => service.collection("releases").doc(id));
  const found = releases.flatMap((stored) => bodyOf(ReleaseValue, stored) ?? []);
  return { images, releases: withImages(found, images) };
}

/** What is known of the images of releases. */
export async function readImages(
  getAll: GetAll,
  service: DocumentReference,
  releases: readonly ReleaseId[],
): Promise<readonly Image[]> {
  const ids = new Set(releases.flatMap((id) => imageIdOf(id) ?? []));
  const stored = await read(getAll, [...ids], (id) => service.collection("images").doc(id));
  return stored.flatMap((found) => bodyOf(ImageValue, found) ?? []);
}

/** Releases with what is known of their images now, which a release that was stored long ago cannot have. */
export function withImages(
  releases: readonly Release[],
  images: readonly Image[],
): readonly Release[] {
  const known = new Map(images.map((image) => [image.digest, image]));
  return releases.map((release) => ({
    ...release,
    image: known.get(release.digest) ?? release.image,
  }));
}

async function read<Id>(
  getAll: GetAll,
  ids: readonly Id[],
  place: (id: Id) => DocumentReference,
): Promise<readonly DocumentSnapshot[]> {
  return ids.length === 0 ? [] : getAll(...ids.map(place));
}
