import { join } from "node:path";

/** Where the local cloud keeps its authority: what it is made of, and by what it is known. */
export function authorityFiles(directory: string): {
  readonly seed: string;
  readonly trustedRoot: string;
} {
  const folder = join(directory, ".slipway");
  return { seed: join(folder, "sigstore.json"), trustedRoot: join(folder, "trusted-root.json") };
}
