import { z } from "zod";
import type { BlobStore } from "../kit/blob-store.ts";
import { checkPreconditions, findObject, objectResponse, storeChunks } from "./objects.ts";
import { type Handler, placeOf, queryOf, readFields } from "./request.ts";
import { ObjectFields, type StoredObject } from "./state.ts";
import { invalid } from "./storage-error.ts";

/** Source: https://cloud.google.com/storage/docs/composing-objects */
const SOURCES_MAX = 32;

const Generation = z.union([z.string(), z.number()]).transform(String);

const ComposeFields = z.object({
  // gcloud gives the metadata of the first source, checksums and all.
  destination: ObjectFields.omit({ crc32c: true, md5Hash: true }).default({}),
  sourceObjects: z
    .array(
      z.object({
        name: z.string(),
        generation: Generation.optional(),
        objectPreconditions: z.object({ ifGenerationMatch: Generation.optional() }).optional(),
      }),
    )
    .default([]),
});

/**
 * `objects.compose`: an object of the contents of others, one after the other. It has no MD5.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/objects/compose
 */
export const onCompose: Handler = async (storage, c) => {
  const { destination, sourceObjects } = await readFields(ComposeFields, c);
  const place = placeOf(c);
  if (sourceObjects.length === 0) {
    throw invalid("Required parameter: sourceObjects");
  }
  if (sourceObjects.length > SOURCES_MAX) {
    throw invalid(
      `The number of source components provided (${sourceObjects.length}) exceeds the maximum (${SOURCES_MAX}).`,
    );
  }
  const sources = sourceObjects.map(({ name, generation, objectPreconditions }) => {
    const found = findObject(storage.state, { bucket: place.bucket, name }, generation);
    const wanted = objectPreconditions?.ifGenerationMatch;
    checkPreconditions((field) => (field === "ifGenerationMatch" ? wanted : undefined), found);
    return found;
  });
  const stored = await storeChunks(storage, chunksOf(storage.blobs, sources), {
    ...place,
    fields: destination,
    query: queryOf(c),
    componentCount: sources.reduce((sum, { componentCount: count = 1 }) => sum + count, 0),
  });
  return objectResponse(stored, c);
};

async function* chunksOf(
  blobs: BlobStore,
  sources: readonly StoredObject[],
): AsyncIterable<Uint8Array> {
  for (const { size, hidden } of sources) {
    if (size !== "0") {
      yield* blobs.stream(hidden.digest, { start: 0, end: Number(size) - 1 });
    }
  }
}
