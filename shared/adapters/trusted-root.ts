import { readFile } from "node:fs/promises";

import type { TrustedRoot } from "@sigstore/protobuf-specs";

/** Where the root of trust is pinned: JSON, or the path of a file with it; null for Sigstore's public one. */
export type TrustedRootOptions = { readonly trustedRoot: string | null };

/** The public instance's repository, under which the package keeps its root. */
const PUBLIC_REPOSITORY = "https://tuf-repo-cdn.sigstore.dev";

/**
 * The authorities whose certificates and log entries count. The public ones are those that the package
 * `@sigstore/tuf` ships, so that nothing is fetched while a release waits: they are renewed with the package.
 * Source: https://github.com/sigstore/sigstore-js/tree/main/packages/tuf
 */
export async function readTrustedRoot({ trustedRoot }: TrustedRootOptions): Promise<TrustedRoot> {
  const { TrustedRoot: Root } = await import("@sigstore/protobuf-specs");
  if (trustedRoot === null) {
    const { default: seeds } = await import("@sigstore/tuf/seeds.json", { with: { type: "json" } });
    const encoded = seeds[PUBLIC_REPOSITORY].targets["trusted_root.json"];
    return Root.fromJSON(JSON.parse(Buffer.from(encoded, "base64").toString()));
  }
  const isJson = trustedRoot.trimStart().startsWith("{");
  return Root.fromJSON(JSON.parse(isJson ? trustedRoot : await readFile(trustedRoot, "utf8")));
}
