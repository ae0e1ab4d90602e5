/** What lies in the registry under a digest: an image that a service can run, or something else. */
export type ImageDescription =
  | {
      readonly kind: "runnable";
      /** Every address in the label `org.opencontainers.image.authors`, lower case; empty when it says none. */
      readonly authors: readonly string[];
      /** `org.opencontainers.image.revision`, or null. */
      readonly commit: string | null;
    }
  /** What it is instead, in words for a person. */
  | { readonly kind: "other"; readonly reason: string };
