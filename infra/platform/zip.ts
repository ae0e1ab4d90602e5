import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";

/** A file of an archive. */
export type ZipEntry = { readonly name: string; readonly bytes: Uint8Array };

const OPTIONS = {
  level: 9,
  useWebWorkers: false,
  dataDescriptor: false,
  extendedTimestamp: false,
  /** A plain file that everybody may read. */
  unixMode: 0o100_644,
};

/** Files as one archive. The same files give the same bytes, whenever and wherever. */
export async function zip(entries: readonly ZipEntry[]): Promise<Uint8Array> {
  // The first date that an archive can have; it is written as this machine's zone shows it.
  const lastModDate = new Date(1980, 0, 1);
  const writer = new ZipWriter(new Uint8ArrayWriter(), { ...OPTIONS, lastModDate });
  for (const { name, bytes } of entries) {
    await writer.add(name, new Uint8ArrayReader(bytes));
  }
  return writer.close();
}
