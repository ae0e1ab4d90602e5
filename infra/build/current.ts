import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { REPOSITORY, sourcesDigest } from "./sources.ts";

/** Where `npm run build` puts what is deployed. */
export const DEPLOYABLE = join(REPOSITORY, "dist/deploy");

const Made = z.object({ slipway: z.object({ sources: z.string() }) });

/** Whether a folder has the deployable, made of the sources as they are now. */
export function isCurrent(folder: string): boolean {
  const manifest = join(folder, "package.json");
  if (!existsSync(manifest)) {
    return false;
  }
  const made = Made.safeParse(JSON.parse(readFileSync(manifest, "utf8")));
  return made.success && made.data.slipway.sources === sourcesDigest();
}
