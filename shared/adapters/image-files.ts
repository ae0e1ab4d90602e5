import type { GoogleAuth } from "google-auth-library";

import { isDigest } from "../domain/ids.ts";
import type { Digest } from "../domain/ids.ts";
import { MANIFEST_TYPES } from "../wire/image-manifest.ts";
import { readAtMost } from "./bounded-body.ts";
import { HttpFailure, statusOf } from "./google-errors.ts";
import { lazily } from "./grpc-endpoint.ts";
import type { GrpcEndpoint } from "./grpc-endpoint.ts";
import { localIdentity } from "./local-identity.ts";
import { callOutside, PROMPT_LIMITS } from "./outside-call.ts";

/** A file of an image: its bytes, and what they say where they are JSON (null where they are not). */
export type ImageFile =
  | {
      readonly kind: "read";
      readonly bytes: Uint8Array;
      readonly json: unknown;
      readonly mediaType: string | null;
    }
  | { readonly kind: "missing" }
  | { readonly kind: "too-long"; readonly bytesMax: number };

/** The files of images as any puller reads them. Every call throws TransientError or PermanentError. */
export type ImageFiles = {
  /** By digest or tag. */
  readonly manifest: (repository: string, reference: string) => Promise<ImageFile>;
  readonly blob: (repository: string, digest: string) => Promise<ImageFile>;
  /** The index of what names the image as its subject; missing where the registry keeps none. */
  readonly referrers: (repository: string, digest: Digest) => Promise<ImageFile>;
};

const MIB = 1024 * 1024;
/** The longest manifest that is read: that of an image has a few KiB, and registries take at most 4 MiB. */
const MANIFEST_BYTES_MAX = MIB;
/** The longest configuration that is read. */
const BLOB_BYTES_MAX = 4 * MIB;

/** A tag or a digest: nothing else becomes part of a path. */
const REFERENCE = /^(?:sha256:[0-9a-f]{64}|\w[\w.-]{0,127})$/;

const SCOPE = "https://www.googleapis.com/auth/cloud-platform.read-only";
const ACCEPT = `${MANIFEST_TYPES.join(", ")}, */*;q=0.1`;

/**
 * The files of a registry, read over the distribution API.
 * Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pull
 */
export function imageFiles(options: { readonly endpoint: GrpcEndpoint }): ImageFiles {
  const auth = lazily(async (): Promise<GoogleAuth> => {
    const library = await import("google-auth-library");
    return new library.GoogleAuth({ scopes: [SCOPE] });
  });
  const local = lazily(localIdentity);
  async function token(): Promise<string | null> {
    if (options.endpoint === null) {
      return (await (await auth()).getAccessToken()) ?? null;
    }
    return (await (await local())?.getAccessToken())?.token ?? null;
  }
  async function read(repository: string, path: string, bytesMax: number): Promise<ImageFile> {
    const url = `${dataPlaneUrl(repository, options.endpoint)}/${path}`;
    return callOutside(`${repository}/${path}`, async () =>
      fetchFile(url, { token: await token(), bytesMax }),
    );
  }
  return {
    manifest: async (repository, reference) =>
      REFERENCE.test(reference)
        ? read(repository, `manifests/${reference}`, MANIFEST_BYTES_MAX)
        : { kind: "missing" },
    referrers: async (repository, digest) =>
      read(repository, `referrers/${digest}`, MANIFEST_BYTES_MAX),
    // What is named by something else than a digest cannot be there, and must not be part of a path.
    blob: async (repository, digest) =>
      isDigest(digest) ? read(repository, `blobs/${digest}`, BLOB_BYTES_MAX) : { kind: "missing" },
  };
}

async function fetchFile(
  url: string,
  { token, bytesMax }: { readonly token: string | null; readonly bytesMax: number },
): Promise<ImageFile> {
  const headers = new Headers({ accept: ACCEPT });
  if (token !== null) {
    headers.set("authorization", `Bearer ${token}`);
  }
  const signal = AbortSignal.timeout(PROMPT_LIMITS.timeoutMs);
  const response = await fetch(url, { headers, signal });
  const bytes = await readAtMost(response, bytesMax);
  if (!response.ok) {
    const message = `${url}: ${response.statusText}`;
    const failure = new HttpFailure(response.status, { status: null, message });
    if (statusOf(failure) === "NOT_FOUND") {
      return { kind: "missing" };
    }
    throw failure;
  }
  return bytes === null
    ? { kind: "too-long", bytesMax }
    : {
        kind: "read",
        bytes,
        json: parseJson(bytes),
        mediaType: response.headers.get("content-type"),
      };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

/** Where an image's files are: at its own host, or at an endpoint that stands for all hosts. */
function dataPlaneUrl(repository: string, endpoint: GrpcEndpoint): string {
  const slash = repository.indexOf("/");
  const origin = endpoint === null ? `https://${repository.slice(0, slash)}` : `http://${endpoint}`;
  return `${origin}/v2${repository.slice(slash)}`;
}
