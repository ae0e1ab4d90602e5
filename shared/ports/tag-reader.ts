import type { Service, TagPolicy } from "../domain/service.ts";

/** What a tag says under a service's tag policy: the commit and the build's number that its pattern names, if it does. */
export type TagReading =
  | { readonly kind: "accepted"; readonly commit: string | null; readonly build: string | null }
  | { readonly kind: "refused"; readonly reason: string };

/** Reads tags. */
export type TagReader = {
  /** Signature and attestation tags (`sha256-<hex>`, `.sig`, `.att`, `.sbom`) are always refused. */
  readonly read: (policy: TagPolicy, tag: string) => TagReading;
  /**
   * The tag's place under the service's order, as text whose order is that of versions or build numbers. Null where
   * the order is that of pushes, and for a tag that the policy refuses or that has no version or build number.
   */
  readonly rank: (service: Pick<Service, "tags" | "order">, tag: string) => string | null;
};
