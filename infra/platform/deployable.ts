import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PermanentError } from "../../shared/ports/errors.ts";
import { zip } from "./zip.ts";
import type { ZipEntry } from "./zip.ts";

/** What the functions are made of: its bytes for an upload, and the hash of what is in it. */
export type Deployable = { readonly hash: string; readonly read: () => Promise<Uint8Array> };

/** How much of the hash a label takes. */
const HASH_LENGTH = 40;

/** Where the build leaves what is deployed. */
export const DEPLOY_FOLDER = "dist/deploy";

/**
 * The folder that the build made, as one archive. The hash is over names and contents, so a copy of the folder with
 * other times, or another version of zlib, has the same.
 * @throws PermanentError when nothing was built.
 */
export async function readDeployable(folder: string): Promise<Deployable> {
  const entries = await entriesOf(folder);
  if (!entries.some(({ name }) => name === "package.json")) {
    const message = `there is nothing to deploy in ${folder}: npm run build makes it`;
    throw new PermanentError("FAILED_PRECONDITION", message, null);
  }
  const hash = createHash("sha256");
  for (const { name, bytes } of entries) {
    hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  }
  return {
    hash: hash.digest("hex").slice(0, HASH_LENGTH),
    read: async () => zip(entries),
  };
}

async function entriesOf(folder: string): Promise<readonly ZipEntry[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.slice(folder.length).includes("node_modules"));
  const entries = await Promise.all(
    files.map(async (path) => ({
      name: path.slice(folder.length + 1).replaceAll("\\", "/"),
      bytes: await readFile(path),
    })),
  );
  return entries.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}
