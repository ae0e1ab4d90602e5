import { z } from "zod";
import { DIGEST } from "./names.ts";
import { registryError } from "./registry-error.ts";
import type { RegistryError } from "./registry-error.ts";

/** The largest manifest that is taken, in bytes: what every registry should at least take. */
export const MANIFEST_SIZE_MAX_BYTES = 4 * 1024 * 1024;

const DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX = "application/vnd.oci.image.index.v1+json";

const NO_PLATFORM = { architecture: "", os: "", "os.version": "", "os.features": [], variant: "" };

/** Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md */
const Descriptor = z.object({
  mediaType: z.string().default(""),
  digest: z.string().regex(DIGEST),
  size: z.int().nonnegative(),
  urls: z.array(z.string()).optional(),
  platform: z
    .object({
      architecture: z.string(),
      os: z.string(),
      "os.version": z.string().default(""),
      "os.features": z.array(z.string()).default([]),
      variant: z.string().default(""),
    })
    .default(NO_PLATFORM),
});
type Descriptor = z.infer<typeof Descriptor>;

const SHARED = {
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  subject: Descriptor.optional(),
};

/** Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md */
const ImageManifest = z.object({ ...SHARED, config: Descriptor, layers: z.array(Descriptor) });

/** Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md */
const ImageIndex = z.object({ ...SHARED, manifests: z.array(Descriptor) });

const NO_SETTINGS = { Env: [], Labels: {} };
const NO_CONFIG = { created: null, config: NO_SETTINGS, os: "", architecture: "" };

/** Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md */
const ImageConfig = z.object({
  created: z.iso.datetime({ offset: true }).nullable().catch(null),
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
export type ChildManifest = {
  readonly digest: string;
  readonly mediaType: string;
  readonly architecture: string;
  readonly os: string;
  readonly osVersion: string;
  readonly osFeatures: readonly string[];
  readonly variant: string;
};

/** What the registry needs to know of a manifest. */
export type Manifest = {
  readonly mediaType: string;
  /** The type of what it describes, where that is no ordinary image. */
  readonly artifactType: string | null;
  /** The digest of the configuration; null for an index. */
  readonly config: string | null;
  /** The blobs that must be there: the configuration and the layers that are not held elsewhere. */
  readonly blobs: readonly string[];
  readonly children: readonly ChildManifest[];
  readonly subject: string | null;
  /** The bytes of configuration and layers, as the manifest states them. */
  readonly contentBytes: number;
};

/** What the registry needs to know of an image's configuration. */
export type ImageSettings = {
  readonly env: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** When it was built, RFC 3339; null when it does not say. */
  readonly created: string | null;
  /** Such as `linux/amd64`; null or left out when it does not say. */
  readonly platform?: string | null;
};

/**
 * Reads a manifest as it was sent.
 * @throws RegistryError MANIFEST_INVALID when it is no JSON, of no known type, differs from its
 * Content-Type, or lacks something.
 */
export function parseManifest(bytes: Uint8Array, contentType: string | null): Manifest {
  const json = parseJson(bytes);
  const mediaType = toMediaType(json, contentType);
  switch (mediaType) {
    case OCI_MANIFEST:
    case DOCKER_MANIFEST:
      return fromImage(mediaType, parseAs(ImageManifest, json));
    case OCI_INDEX:
    case DOCKER_LIST:
      return fromIndex(mediaType, parseAs(ImageIndex, json));
    default:
      throw invalid(`Manifests of type "${mediaType}" are not supported`);
  }
}

/** Reads an image's configuration; what is no configuration of an image gives an empty one. */
export function parseSettings(bytes: Uint8Array): ImageSettings {
  let json: unknown = null;
  try {
    json = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    // Artifacts that are no images may have any bytes as their configuration.
  }
  const { created, config, os, architecture } = ImageConfig.catch(NO_CONFIG).parse(json);
  const platform = os === "" || architecture === "" ? null : `${os}/${architecture}`;
  return { env: config.Env, labels: config.Labels, created, platform };
}

function fromImage(mediaType: string, manifest: z.infer<typeof ImageManifest>): Manifest {
  const { config, layers, artifactType, subject } = manifest;
  const all = [config, ...layers];
  return {
    mediaType,
    artifactType: artifactType ?? (subject === undefined ? null : mediaType),
    config: config.digest,
    blobs: all.filter(isHeldHere).map((blob) => blob.digest),
    children: [],
    subject: subject?.digest ?? null,
    contentBytes: all.reduce((sum, blob) => sum + blob.size, 0),
  };
}

function fromIndex(mediaType: string, index: z.infer<typeof ImageIndex>): Manifest {
  const { manifests, artifactType, subject } = index;
  return {
    mediaType,
    artifactType: artifactType ?? (subject === undefined ? null : mediaType),
    config: null,
    blobs: [],
    children: manifests.map(toChild),
    subject: subject?.digest ?? null,
    contentBytes: 0,
  };
}

function toChild({ digest, mediaType, platform }: Descriptor): ChildManifest {
  const { architecture, os, variant } = platform;
  const osVersion = platform["os.version"];
  const osFeatures = platform["os.features"];
  return { digest, mediaType, architecture, os, osVersion, osFeatures, variant };
}

function toMediaType(json: unknown, contentType: string | null): string {
  const stated = parseAs(z.object({ mediaType: z.string().default("") }), json).mediaType;
  const sent = (contentType ?? "").replace(/;.*/, "").trim();
  if (stated !== "" && sent !== "" && stated !== sent) {
    throw invalid(`The manifest says mediaType ${stated}, its Content-Type says ${sent}`);
  }
  return sent === "" ? stated : sent;
}

/** Layers with URLs may lie elsewhere, as those of Windows do. */
function isHeldHere(blob: Descriptor): boolean {
  return blob.urls === undefined || blob.urls.length === 0;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    throw invalid("The manifest is not JSON");
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
  return registryError("MANIFEST_INVALID", message);
}
