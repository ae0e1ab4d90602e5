import { zip } from "../../infra/platform/zip.ts";

/** A zip archive of some files with what is in them. */
export async function zipOf(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<Uint8Array> {
  return zip(Object.entries(files).map(([name, text]) => ({ name, bytes: Buffer.from(text) })));
}
