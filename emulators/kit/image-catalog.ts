/** An image as a registry has it. */
export type CatalogImage = {
  /** `sha256:…` */
  readonly digest: string;
  readonly tags: string[];
  readonly config: { readonly env: string[]; readonly labels: Record<string, string> };
};

/** Where an emulator looks up images. */
export type ImageCatalog = {
  /**
   * The image that a reference such as `us-central1-docker.pkg.dev/project/repository/image:tag` or
   * `…@sha256:…` names, or null when there is none.
   */
  readonly find: (reference: string) => CatalogImage | null;
};
