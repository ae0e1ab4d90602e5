import { z } from "zod";
import { DIGEST } from "./names.ts";
import { RegistryError } from "./registry-error.ts";

/** The largest manifest that is taken, in bytes: what every registry should at least take. */
export const MANIFEST_SIZE_MAX_BYTES = 4 * 1024 * 1024;

/** Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md */
export const OCI_INDEX = "application/vnd.oci.image.index.v1+json";

const IMAGES: ReadonlySet<string> = new Set([
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
]);
const INDEXES: ReadonlySet<string> = new Set([
  OCI_INDEX,
  "application/vnd.docker.distribution.manifest.list.v2+json",
]);

/** Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md */
const Descriptor = z.object({
  digest: z.string().regex(DIGEST),
  size: z.int().nonnegative(),
  urls: z.array(z.string()).default([]),
  platform: z
    .object({ architecture: z.string(), os: z.string() })
    .default({ architecture: "", os: "" }),
});

const SHARED = { schemaVersion: z.literal(2), subject: Descriptor.optional() };

/** Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md */
const ImageManifest = z
  .object({ ...SHARED, config: Descriptor, layers: z.array(Descriptor) })
  .transform(({ config, layers, subject }): Facts => {
    const all = [config, ...layers];
    return {
      config: config.digest,
      // Layers with URLs may lie elsewhere, as those of Windows do.
      blobs: all.filter(({ urls }) => urls.length === 0).map(({ digest }) => digest),
      children: [],
      subject: subject?.digest ?? null,
      contentBytes: all.reduce((sum, { size }) => sum + size, 0),
    };
  });

const ImageIndex = z
  .object({ ...SHARED, manifests: z.array(Descriptor) })
  .transform(({ manifests, subject }): Facts => ({
    config: null,
    blobs: [],
    children: manifests.map(({ digest, platform }) => ({ digest, ...platform })),
    subject: subject?.digest ?? null,
    contentBytes: 0,
  }));

const NO_SETTINGS = { Env: [], Labels: {} };
const NO_CONFIG = { config: NO_SETTINGS, os: "", architecture: "" };

/** Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md */
const ImageConfig = z.object({
  config: z
    .object({
      Env: z.array(z.string()).catch([]),
      Labels: z.record(z.string(), z.string()).catch({}),
    })
    .catch(NO_SETTINGS),
  os: z.string().catch(""),
  architecture: z.string().catch(""),
});

/** A manifest that an index lists, with what the index says of its platform. */
export type Child = {
  readonly digest: string;
  readonly architecture: string;
  readonly os: string;
};

/** What the registry needs to know of a manifest. */
export type Manifest = Facts & { readonly mediaType: string };

type Facts = {
  /** The digest of the configuration; null for an index. */
  readonly config: string | null;
  /** The blobs that must be there: the configuration and the layers that are not held elsewhere. */
  readonly blobs: readonly string[];
  readonly children: readonly Child[];
  readonly subject: string | null;
  /** The bytes of configuration and layers, as the manifest states them. */
  readonly contentBytes: number;
};

/** What the registry needs to know of an image's configuration. */
export type ImageSettings = {
  readonly env: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Such as `linux/amd64`; null when it does not say. */
  readonly platform: string | null;
};

/**
 * Reads a manifest as it was sent.
 * @throws RegistryError MANIFEST_INVALID when it is no JSON, of no known type, differs from its
 * Content-Type, or lacks something.
 */
export function parseManifest(bytes: Uint8Array, contentType: string | null): Manifest {
  const json = parseJson(bytes);
  if (json === undefined) {
    throw invalid("The manifest is not JSON");
  }
  const mediaType = toMediaType(json, contentType);
  if (!IMAGES.has(mediaType) && !INDEXES.has(mediaType)) {
    throw invalid(`Manifests of type "${mediaType}" are not supported`);
  }
  return { mediaType, ...parseAs(IMAGES.has(mediaType) ? ImageManifest : ImageIndex, json) };
}

/** Reads an image's configuration; what is none gives an empty one, since artifacts may have any bytes there. */
export function parseSettings(bytes: Uint8Array): ImageSettings {
  const parsed = ImageConfig.catch(NO_CONFIG).parse(parseJson(bytes));
  const { config, os, architecture } = parsed;
  const platform = os === "" || architecture === "" ? null : `${os}/${architecture}`;
  return { env: config.Env, labels: config.Labels, platform };
}

function toMediaType(json: unknown, contentType: string | null): string {
  const stated = parseAs(z.object({ mediaType: z.string().default("") }), json).mediaType;
  const sent = (contentType ?? "").replace(/;.*/, "").trim();
  if (stated !== "" && sent !== "" && stated !== sent) {
    throw invalid(`The manifest says mediaType ${stated}, its Content-Type says ${sent}`);
  }
  return sent === "" ? stated : sent;
}

/** Undefined for what is no JSON. */
function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
}

function parseAs<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    throw invalid(z.prettifyError(parsed.error));
  }
  return parsed.data;
}

function invalid(message: string): RegistryError {
  return new RegistryError("MANIFEST_INVALID", message);
}
