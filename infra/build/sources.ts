import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. */
export const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));

/** Everything that the deployable is made of. */
const FOLDERS = ["functions", "shared", "infra/build"];
const FILES = ["package.json", "package-lock.json"];

/** Says which sources these are: the same text for the same bytes, another one for others. */
export function sourcesDigest(): string {
  const hash = createHash("sha256");
  const found = FOLDERS.flatMap((folder) =>
    readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `${folder}/${name}`),
  );
  for (const path of [...found, ...FILES].toSorted()) {
    const bytes = readFileSync(join(REPOSITORY, path));
    hash.update(`${path} ${bytes.byteLength}\n`).update(bytes);
  }
  return `sha256:${hash.digest("hex")}`;
}
