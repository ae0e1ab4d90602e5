import { z } from "zod";
import type { ContentWriter } from "./contents.ts";
import { findObject, insertObject, type ObjectPlace } from "./operations-objects.ts";
import { checkPreconditions, type Query } from "./preconditions.ts";
import type { StorageContext } from "./request.ts";
import { ObjectFields, type StoredObject } from "./state.ts";
import { invalid, required } from "./storage-error.ts";

/** Source: https://cloud.google.com/storage/docs/composing-objects */
const SOURCES_MAX = 32;

const Generation = z.union([z.string(), z.number()]).transform(String);

/** What a request to compose says. */
export const ComposeFields = z.object({
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

/** Some objects of a bucket, and the one that they become. */
export type Composition = {
  readonly target: ObjectPlace;
  readonly fields: z.infer<typeof ComposeFields>;
  readonly query: Query;
};

/**
 * `objects.compose`: an object of the contents of others, one after the other. It has no MD5.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/objects/compose
 * @throws StorageError 400 for no source or more than 32, 404 without one of them, 412 for a precondition.
 */
export async function composeObject(
  storage: StorageContext,
  { target, fields, query }: Composition,
): Promise<StoredObject> {
  const sources = findSources(storage, target.bucket, fields);
  checkPreconditions(query, storage.state.buckets.get(target.bucket)?.objects.get(target.name));
  const writer = storage.contents.write();
  try {
    for (const source of sources) {
      await append(storage, writer, source);
    }
    const content = await writer.content();
    return insertObject(storage, {
      ...target,
      fields: fields.destination,
      content,
      query,
      componentCount: sources.reduce((sum, { record }) => sum + (record.componentCount ?? 1), 0),
    });
  } finally {
    writer.discard();
  }
}

function findSources(
  { state }: StorageContext,
  bucket: string,
  { sourceObjects }: Composition["fields"],
): readonly StoredObject[] {
  if (sourceObjects.length === 0) {
    throw required("sourceObjects");
  }
  if (sourceObjects.length > SOURCES_MAX) {
    throw invalid(
      `The number of source components provided (${sourceObjects.length}) exceeds the maximum (${SOURCES_MAX}).`,
    );
  }
  return sourceObjects.map(({ name, generation, objectPreconditions }) => {
    const found = findObject(state, { bucket, name }, generation);
    const wanted = objectPreconditions?.ifGenerationMatch;
    checkPreconditions((field) => (field === "ifGenerationMatch" ? wanted : undefined), found);
    return found;
  });
}

async function append(
  { contents }: StorageContext,
  writer: ContentWriter,
  source: StoredObject,
): Promise<void> {
  const size = Number(source.record.size);
  if (size === 0) {
    return;
  }
  for await (const chunk of contents.stream(source, { start: 0, end: size - 1 })) {
    await writer.append(chunk);
  }
}
