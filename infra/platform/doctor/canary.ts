import { createHash } from "node:crypto";
import { failure, well } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** Where a canary is pushed to. */
export type CanaryPlace = {
  /** `https://HOST`, or the local registry's address. */
  readonly url: string;
  /** What comes between the address and an image's name, such as `acme-images/apps`. */
  readonly path: string;
  /** The repository as messages name it, such as `europe-west3-docker.pkg.dev/acme-images/apps`. */
  readonly repository: string;
  /** The header that lets the caller push; null for none. */
  readonly authorization: string | null;
};

/** What a canary needs from outside. */
export type CanaryPorts = {
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /** Whether Slipway has told of an image that no service has. */
  readonly isSeen: (image: string) => Promise<boolean>;
  /** Takes the canary's image out of the registry again. */
  readonly remove: (image: string) => Promise<void>;
};

/** How long a push may take to be seen, before events count as lost. */
export const CANARY_WAIT_MS_MAX = 90_000;

const LOOK_EVERY_MS = 500;
const NAME = "slipway-canary";
const TAG = "canary";

/**
 * Pushes an image that no service has, and waits until the record says that Slipway saw it: registry, topic,
 * subscription, function and database all took part. Its name is new, since what was told of once is not told
 * again.
 */
export async function canaryFinding(place: CanaryPlace, ports: CanaryPorts): Promise<Finding> {
  const name = `${NAME}-${ports.now().toString(36)}`;
  const image = `${place.repository}/${name}`;
  await pushCanary(place, name);
  const pushed = ports.now();
  try {
    for (;;) {
      if (await ports.isSeen(image)) {
        const seconds = ((ports.now() - pushed) / 1000).toFixed(1);
        return well("events", `a push to ${place.repository} was seen after ${seconds} s`);
      }
      if (ports.now() - pushed > CANARY_WAIT_MS_MAX) {
        return lost(place);
      }
      await ports.pause(LOOK_EVERY_MS);
    }
  } finally {
    await ports.remove(name);
  }
}

function lost({ repository }: CanaryPlace): Finding {
  const seconds = CANARY_WAIT_MS_MAX / 1000;
  const message = `a push to ${repository} was not seen within ${seconds} s; the sweep finds images each hour`;
  return failure(
    "events",
    message,
    "slipway install plan says whether topic and subscription are right; gcloud functions logs read on-image-push shows what came",
  );
}

/**
 * The smallest image that there is.
 * Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#push
 */
async function pushCanary(place: CanaryPlace, name: string): Promise<void> {
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      config: {},
      rootfs: { type: "layers", diff_ids: [] },
    }),
  );
  const digest = `sha256:${createHash("sha256").update(config).digest("hex")}`;
  const base = `${place.url}/v2/${place.path}/${name}`;
  const begun = await send(place, { method: "POST", url: `${base}/blobs/uploads/` }, null);
  const upload = new URL(begun.headers.get("location") ?? "", base);
  upload.searchParams.set("digest", digest);
  await send(
    place,
    { method: "PUT", url: upload.href },
    { type: "application/octet-stream", bytes: config },
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: {
      mediaType: "application/vnd.oci.image.config.v1+json",
      digest,
      size: config.length,
    },
    layers: [],
  };
  await send(
    place,
    { method: "PUT", url: `${base}/manifests/${TAG}` },
    {
      type: manifest.mediaType,
      bytes: Buffer.from(JSON.stringify(manifest)),
    },
  );
}

type Content = { readonly type: string; readonly bytes: Buffer };

async function send(
  { authorization }: CanaryPlace,
  { method, url }: { readonly method: "POST" | "PUT"; readonly url: string },
  content: Content | null,
): Promise<Response> {
  const headers = new Headers(authorization === null ? {} : { authorization });
  if (content !== null) {
    headers.set("content-type", content.type);
  }
  const response = await fetch(url, {
    method,
    headers,
    signal: AbortSignal.timeout(30_000),
    ...(content !== null && { body: new Uint8Array(content.bytes) }),
  });
  if (!response.ok) {
    throw new Error(`the canary cannot be pushed: ${method} answers ${response.status}`);
  }
  await response.body?.cancel();
  return response;
}
