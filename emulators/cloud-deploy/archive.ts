import { gunzipSync } from "node:zlib";

import { extract } from "tar-stream";

/** The files of an archive by path, without a leading `./`. */
export type Files = ReadonlyMap<string, string>;

/** More than this is no configuration, and would only fill the memory. */
const UNPACKED_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Unpacks a tar.gz archive.
 * @throws Error when it is not one, or is larger than 64 MiB unpacked.
 */
export async function unpack(archive: Uint8Array): Promise<Files> {
  const tar = gunzipSync(archive, { maxOutputLength: UNPACKED_BYTES_MAX });
  const entries = extract();
  entries.end(tar);
  const files = new Map<string, string>();
  for await (const entry of entries) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a tar entry is a stream of bytes
      chunks.push(chunk as Uint8Array);
    }
    if (entry.header.type === "file") {
      files.set(entry.header.name.replace(/^(\.?\/)+/, ""), Buffer.concat(chunks).toString("utf8"));
    }
  }
  return files;
}
