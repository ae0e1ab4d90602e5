import { z } from "zod";

const Descriptor = z.object({ digest: z.string() });
const Platform = z.object({ os: z.string().default(""), architecture: z.string().default("") });

/**
 * An image's manifest, or an index of manifests for several platforms: one of the two fields is there.
 * Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md and image-index.md
 */
export const ImageManifest = z.object({
  config: Descriptor.optional(),
  manifests: z.array(Descriptor.extend({ platform: Platform.optional() })).optional(),
});

/** A manifest or an index, as far as it is read. */
export type ImageManifest = z.infer<typeof ImageManifest>;

/**
 * The labels in an image's configuration.
 * Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md
 */
export const ImageConfiguration = z.object({
  config: z
    .object({ Labels: z.record(z.string(), z.string()).nullable().optional() })
    .nullable()
    .optional(),
});

/** The first e-mail address in a text, lower case; null when there is none. */
export function emailIn(text: string): string | null {
  const [found] = /[^\s<>,;:"()[\]]+@[^\s<>,;:"()[\]]+/.exec(text) ?? [];
  return found?.toLowerCase() ?? null;
}
