import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import type { RenderedFile } from "./render-release.ts";

const EPOCH = new Date(0);
const READABLE = 0o644;

/** Where a gzip header names the operating system. Source: https://www.rfc-editor.org/rfc/rfc1952 */
const GZIP_SYSTEM_OFFSET = 9;
const GZIP_SYSTEM_UNKNOWN = 255;

/**
 * Packs files into a tar.gz archive. The same files give the same bytes, everywhere and at any time: nothing in
 * it says when, by whom or where it was made, and it is stored without compression, whose result differs from
 * one version of zlib to the next.
 */
export async function packArchive(files: readonly RenderedFile[]): Promise<Uint8Array> {
  const tar = pack();
  for (const { path, text } of files) {
    tar.entry({ name: path, mode: READABLE, mtime: EPOCH, uid: 0, gid: 0 }, text);
  }
  tar.finalize();
  const archive = gzipSync(await buffer(tar), { level: 0 });
  archive[GZIP_SYSTEM_OFFSET] = GZIP_SYSTEM_UNKNOWN;
  return archive;
}
