import type { TagPolicy } from "../domain/service.ts";

/** What a tag says under a service's tag policy: the commit and the build's number where its pattern names them. */
export type TagReading =
  | { readonly kind: "accepted"; readonly commit: string | null; readonly build: string | null }
  | { readonly kind: "refused"; readonly reason: string };

/** Reads tags. Signature and attestation tags (`sha256-<hex>`, `.sig`, `.att`, `.sbom`) are always refused. */
export type TagReader = {
  readonly read: (policy: TagPolicy, tag: string) => TagReading;
};
