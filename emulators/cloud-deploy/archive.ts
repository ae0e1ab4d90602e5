import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { extract } from "tar-stream";
import { googleError } from "../kit/google-error.ts";
import type { ObjectReader } from "../kit/object-reader.ts";

/** The texts of an archive's files by path, without a leading `./`. */
export type Files = ReadonlyMap<string, string>;

/** More than this is no configuration, and would only fill the memory. */
const UNPACKED_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Reads the tar.gz archive at a URI.
 * @throws GoogleError when there is none, or it is none, or is larger than 64 MiB unpacked.
 */
export async function readArchive(objects: ObjectReader | undefined, uri: string): Promise<Files> {
  const archive = objects?.read(uri) ?? null;
  if (archive === null) {
    const text = `Could not read the archive ${uri}: there is no such object`;
    throw googleError("FAILED_PRECONDITION", text);
  }
  try {
    return await unpack(archive);
  } catch (error) {
    const text = `${uri} is not a tar.gz archive: ${String(error)}`;
    throw googleError("FAILED_PRECONDITION", text);
  }
}

async function unpack(archive: Uint8Array): Promise<Files> {
  const entries = extract();
  entries.end(gunzipSync(archive, { maxOutputLength: UNPACKED_BYTES_MAX }));
  const files = new Map<string, string>();
  for await (const entry of entries) {
    const bytes = await buffer(entry);
    if (entry.header.type === "file") {
      files.set(entry.header.name.replace(/^(\.?\/)+/, ""), bytes.toString("utf8"));
    }
  }
  return files;
}
