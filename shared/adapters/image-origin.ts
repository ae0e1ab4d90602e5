import type { GoogleAuth } from "google-auth-library";

import type { Digest } from "../domain/ids.ts";
import type { ImageOrigin } from "../ports/registry.ts";
import { emailIn, ImageConfiguration, ImageManifest } from "../wire/image-manifest.ts";
import { readBounded } from "./bounded-body.ts";
import { HttpFailure, statusOf } from "./google-errors.ts";
import { lazily } from "./grpc-endpoint.ts";
import type { GrpcEndpoint } from "./grpc-endpoint.ts";
import { callOutside, PROMPT_LIMITS } from "./outside-call.ts";

/**
 * The longest manifest or configuration that is read: registries take no longer manifest.
 * Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests
 */
const BODY_BYTES_MAX = 4 * 1024 * 1024;

const AUTHORS = "org.opencontainers.image.authors";
const REVISION = "org.opencontainers.image.revision";
const NOTHING: ImageOrigin = { author: null, commit: null };

const MANIFESTS = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

const SCOPE = "https://www.googleapis.com/auth/cloud-platform.read-only";

/** Reads what an image's labels say of its origin. */
export type OriginReader = (repository: string, digest: Digest) => Promise<ImageOrigin>;

/** One file of an image: JSON, or null when there is none or it cannot be read as JSON. */
type Fetch = (kind: "manifests" | "blobs", digest: string) => Promise<unknown>;

/**
 * Reads images' configurations as any puller does: the manifest, of an index the one for linux/amd64,
 * and the configuration that it names.
 * Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pull
 */
export function originReader(options: { readonly endpoint: GrpcEndpoint }): OriginReader {
  const auth = lazily(async (): Promise<GoogleAuth> => {
    const library = await import("google-auth-library");
    return new library.GoogleAuth({ scopes: [SCOPE] });
  });
  async function token(): Promise<string | null> {
    return options.endpoint === null ? ((await (await auth()).getAccessToken()) ?? null) : null;
  }
  return async (repository, digest) => {
    const base = dataPlaneUrl(repository, options.endpoint);
    const get: Fetch = async (kind, id) =>
      callOutside(`${repository}@${digest}`, async () =>
        fetchJson(`${base}/${kind}/${id}`, await token()),
      );
    const manifest = ImageManifest.safeParse(await get("manifests", digest));
    const config = manifest.success ? await configOf(get, manifest.data) : null;
    return config === null ? NOTHING : toOrigin(await get("blobs", config));
  };
}

/** The digest of the configuration: the manifest's own, or that of an index's first for linux/amd64. */
async function configOf(get: Fetch, manifest: ImageManifest): Promise<string | null> {
  if (manifest.manifests === undefined) {
    return manifest.config?.digest ?? null;
  }
  const child = manifest.manifests.find(
    ({ platform }) => platform?.os === "linux" && platform.architecture === "amd64",
  );
  if (child === undefined) {
    return null;
  }
  const inner = ImageManifest.safeParse(await get("manifests", child.digest));
  return inner.success ? (inner.data.config?.digest ?? null) : null;
}

/** What is not there or no JSON says nothing; that is for good, so it is not asked for again. */
async function fetchJson(url: string, token: string | null): Promise<unknown> {
  const headers = new Headers({ accept: `${MANIFESTS}, */*;q=0.1` });
  if (token !== null) {
    headers.set("authorization", `Bearer ${token}`);
  }
  const signal = AbortSignal.timeout(PROMPT_LIMITS.timeoutMs);
  const response = await fetch(url, { headers, signal });
  const text = await readBounded(response, BODY_BYTES_MAX);
  if (!response.ok) {
    const failure = new HttpFailure(response.status, { status: null, message: `${url}: ${text}` });
    if (statusOf(failure) === "NOT_FOUND") {
      return null;
    }
    throw failure;
  }
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function toOrigin(configuration: unknown): ImageOrigin {
  const parsed = ImageConfiguration.safeParse(configuration);
  const labels = parsed.success ? (parsed.data.config?.Labels ?? {}) : {};
  const commit = labels[REVISION] ?? "";
  return { author: emailIn(labels[AUTHORS] ?? ""), commit: commit === "" ? null : commit };
}

/** Where an image's files are: at its own host, or at an endpoint that stands for all hosts. */
function dataPlaneUrl(repository: string, endpoint: GrpcEndpoint): string {
  const slash = repository.indexOf("/");
  const origin = endpoint === null ? `https://${repository.slice(0, slash)}` : `http://${endpoint}`;
  return `${origin}/v2${repository.slice(slash)}`;
}
