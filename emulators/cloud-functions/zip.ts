import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from "@zip.js/zip.js";

/** A file may not be more than this when it is unpacked. */
const UNPACKED_BYTES_MAX = 512 * 1024 * 1024;

const OPTIONS = {
  useWebWorkers: false,
  checkSignature: true,
  filenameValidation: "strict" as const,
};

/**
 * The files of a zip archive by path, read by its directory; folders are left out. Names that lead out of the archive are
 * refused.
 * @throws Error when it is no archive that can be read.
 */
export async function readZip(bytes: Uint8Array): Promise<ReadonlyMap<string, Uint8Array>> {
  const reader = new ZipReader(new Uint8ArrayReader(bytes), OPTIONS);
  const files = new Map<string, Uint8Array>();
  for (const entry of await reader.getEntries()) {
    if (!entry.directory) {
      const path = entry.filename;
      if (entry.uncompressedSize > UNPACKED_BYTES_MAX) {
        throw new Error(`${path} is too large to be unpacked`);
      }
      files.set(path, await entry.getData(new Uint8ArrayWriter()));
    }
  }
  return files;
}
