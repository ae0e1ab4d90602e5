/** An image as a registry has it. */
export type CatalogImage = {
  /** `sha256:…` */
  readonly digest: string;
  readonly tags: string[];
  readonly config: { readonly env: string[]; readonly labels: Record<string, string> };
  /** What it runs on, where that is known. */
  readonly runsOn?: ImagePlatforms | undefined;
};

/** What an image, or one of those that an index lists, runs on. */
export type ImagePlatforms = {
  /** Such as `linux/amd64`. */
  readonly platforms: readonly string[];
  /** Of the index; null for a single image. */
  readonly index: string | null;
};

/** Where an emulator looks up images. */
export type ImageCatalog = {
  /**
   * The image that a reference such as `us-central1-docker.pkg.dev/project/repository/image:tag` or
   * `…@sha256:…` names, or null when there is none.
   */
  readonly find: (reference: string) => CatalogImage | null;
};
