import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { digestOf } from "../../emulators/kit/blob-store.ts";

/** Bytes with their digest, as a registry keeps them. */
export type Content = {
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: Uint8Array;
};

/** An image, or an index of images, ready to be pushed. */
export type Image = {
  readonly manifest: Content;
  /** Configuration and layers; of an index, none. */
  readonly blobs: readonly Content[];
  /** The images of an index, with the platform of each. */
  readonly children: readonly { readonly image: Image; readonly platform: Platform }[];
};

/** What an image runs on. */
export type Platform = { readonly architecture: string; readonly os: string };

/** What an image is made of. Equal contents give equal digests. */
export type ImageContents = {
  readonly env?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** When it says that it was built, RFC 3339; the epoch when left out. */
  readonly created?: string;
  /** The files of its one layer, by path, with their text. */
  readonly files?: Readonly<Record<string, string>>;
  /** linux/amd64 when left out. */
  readonly platform?: Platform;
};

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const CONFIG = "application/vnd.oci.image.config.v1+json";
const LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

const LINUX: Platform = { architecture: "amd64", os: "linux" };

/** The byte of a gzip header that says on which system it was made, and what says that it is unknown. */
const GZIP_SYSTEM_OFFSET = 9;
const GZIP_SYSTEM_UNKNOWN = 255;

/**
 * Builds a small image with one layer.
 * Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md
 */
export async function buildImage(contents: ImageContents = {}): Promise<Image> {
  const { env = {}, labels = {}, files = { "etc/motd": "Hello.\n" }, platform = LINUX } = contents;
  const tar = await packFiles(files);
  const zipped = gzipSync(tar);
  zipped[GZIP_SYSTEM_OFFSET] = GZIP_SYSTEM_UNKNOWN;
  const layer = toContent(LAYER, zipped);
  const config = toJsonContent(CONFIG, {
    created: contents.created ?? "1970-01-01T00:00:00Z",
    ...platform,
    config: { Env: Object.entries(env).map(([name, value]) => `${name}=${value}`), Labels: labels },
    rootfs: { type: "layers", diff_ids: [digestOf(tar)] },
  });
  const manifest = toJsonContent(MANIFEST, {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: toDescriptor(config),
    layers: [toDescriptor(layer)],
  });
  return { manifest, blobs: [config, layer], children: [] };
}

/** What a manifest says that is none of an ordinary image. */
export type ArtifactContents = {
  /** The configuration's type and text; the empty one when left out. */
  readonly config?: { readonly mediaType: string; readonly text: string };
  readonly layers: readonly {
    readonly mediaType: string;
    readonly bytes: Uint8Array;
    readonly annotations?: Readonly<Record<string, string>>;
  }[];
  readonly artifactType?: string;
  /** The manifest that it is attached to. */
  readonly subject?: Content;
  readonly annotations?: Readonly<Record<string, string>>;
};

const NO_CONFIG = { mediaType: "application/vnd.oci.empty.v1+json", text: "{}" };

/**
 * Builds a manifest of anything: a chart, a cache, a signature.
 * Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage
 */
export function buildArtifact({ config = NO_CONFIG, ...contents }: ArtifactContents): Image {
  const { artifactType, subject, annotations } = contents;
  const held = toContent(config.mediaType, Buffer.from(config.text));
  const layers = contents.layers.map(({ mediaType, bytes }) => toContent(mediaType, bytes));
  const manifest = toJsonContent(MANIFEST, {
    schemaVersion: 2,
    mediaType: MANIFEST,
    ...(artifactType === undefined ? {} : { artifactType }),
    config: toDescriptor(held),
    layers: layers.map((layer, index) => {
      const noted = contents.layers[index]?.annotations;
      return Object.assign(toDescriptor(layer), noted === undefined ? {} : { annotations: noted });
    }),
    ...(subject === undefined ? {} : { subject: toDescriptor(subject) }),
    ...(annotations === undefined ? {} : { annotations }),
  });
  return { manifest, blobs: [held, ...layers], children: [] };
}

/**
 * Pushes an image with all that belongs to it, as any client would, and returns its digest.
 * `imageUrl` is `http://127.0.0.1:PORT/<project>/<repository>/<image>`; without a tag the image is
 * pushed by its digest.
 * @throws Error with the registry's answer when it refuses.
 */
export async function pushImage(imageUrl: string, image: Image, tag?: string): Promise<string> {
  const { origin, pathname } = new URL(imageUrl);
  const base = `${origin}/v2${pathname}`;
  for (const child of image.children) {
    await pushImage(imageUrl, child.image);
  }
  for (const { digest, bytes } of image.blobs) {
    const known = await fetch(`${base}/blobs/${digest}`, { method: "HEAD" });
    if (!known.ok) {
      const mediaType = "application/octet-stream";
      await send("POST", `${base}/blobs/uploads/?digest=${digest}`, { mediaType, bytes });
    }
  }
  const { digest } = image.manifest;
  await send("PUT", `${base}/manifests/${tag ?? digest}`, image.manifest);
  return digest;
}

async function packFiles(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const archive = pack();
  const names = Object.keys(files).toSorted();
  names.forEach((name) => archive.entry({ name, mtime: new Date(0) }, files[name] ?? ""));
  archive.finalize();
  return buffer(archive);
}

/** Bytes as a registry keeps them. */
export function toContent(mediaType: string, bytes: Uint8Array): Content {
  return { mediaType, digest: digestOf(bytes), bytes };
}

/** JSON as a registry keeps it. */
export function toJsonContent(mediaType: string, json: object): Content {
  return toContent(mediaType, Buffer.from(JSON.stringify(json)));
}

/** How a manifest names some content, and an index an image with its platform. */
export function toDescriptor({ mediaType, digest, bytes }: Content, platform?: Platform): object {
  const size = bytes.byteLength;
  return { mediaType, digest, size, ...(platform === undefined ? {} : { platform }) };
}

async function send(
  method: string,
  url: string,
  { mediaType, bytes }: Pick<Content, "mediaType" | "bytes">,
): Promise<void> {
  const body = new Uint8Array(bytes);
  const response = await fetch(url, { method, body, headers: { "content-type": mediaType } });
  if (!response.ok) {
    throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  }
}
