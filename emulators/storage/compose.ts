import { z } from "zod";
import { readBody } from "../kit/body.ts";
import { findObject, placeOf, storeChunks, toObjectResource } from "./objects.ts";
import { checkPreconditions } from "./preconditions.ts";
import { type Handler, parseFields, queryOf, type StorageContext } from "./request.ts";
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
export const onCompose: Handler = async (storage, { c }) => {
  const { destination, sourceObjects } = parseFields(ComposeFields, await readBody(c.req.raw));
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
  const stored = await storeChunks(storage, chunksOf(storage, sources), {
    ...place,
    fields: destination,
    query: queryOf(c),
    componentCount: sources.reduce((sum, { record }) => sum + (record.componentCount ?? 1), 0),
  });
  return Response.json(toObjectResource(place.bucket, stored, c));
};

async function* chunksOf(
  { contents }: StorageContext,
  sources: readonly StoredObject[],
): AsyncIterable<Uint8Array> {
  for (const source of sources) {
    const size = Number(source.record.size);
    if (size > 0) {
      yield* contents.stream(source, { start: 0, end: size - 1 });
    }
  }
}
