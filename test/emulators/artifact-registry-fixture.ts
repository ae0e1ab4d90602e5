import { ArtifactRegistryClient } from "@google-cloud/artifact-registry";
import { credentials } from "@grpc/grpc-js";
import { PassThroughClient } from "google-auth-library";
import { afterEach, beforeEach } from "vitest";
import { z } from "zod";
import { digestOf } from "../../emulators/kit/blob-store.ts";
import { buildImage } from "../../infra/local/image.ts";
import type { Image } from "../../infra/local/image.ts";
import { startArtifactRegistry } from "../../emulators/artifact-registry/server.ts";
import type {
  ArtifactRegistryOptions,
  RunningArtifactRegistry,
} from "../../emulators/artifact-registry/server.ts";
import { manualClock } from "../support/manual-clock.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import type { Publisher } from "../../emulators/kit/publisher.ts";

/** A message as a subscriber of the topic would read it. */
export type Published = {
  readonly topic: string;
  readonly body: unknown;
  readonly attributes: object;
};

/** A registry that is started afresh for each test, with what it published. */
export type Fixture = {
  readonly registry: () => RunningArtifactRegistry;
  readonly clock: () => ManualClock;
  readonly published: () => readonly Published[];
  /** Requests a path such as `/v2/`; the body is sent as it is. */
  readonly request: (method: string, path: string, options?: RequestOptions) => Promise<Response>;
  /** Uploads a blob under an image's name, such as `acme/apps/web`, and returns its digest. */
  readonly uploadBlob: (name: string, text: string) => Promise<string>;
  /** Sends a manifest as it is. */
  readonly putManifest: (name: string, reference: string, body: string) => Promise<Response>;
  /** Pushes a manifest with a layer of its own and returns its digest. */
  readonly pushManifest: (name: string, reference: string, layer: string) => Promise<string>;
};

/** What a request carries. */
export type RequestOptions = {
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream;
  readonly headers?: Readonly<Record<string, string>>;
};

/** The repository that every test starts with, and the location it is in. */
export const LOCATION = "projects/acme/locations/us-central1";
export const REPOSITORY = `${LOCATION}/repositories/apps`;
export const URI = "us-central1-docker.pkg.dev/acme/apps";

export const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
export const OCI_INDEX = "application/vnd.oci.image.index.v1+json";

/** Starts a registry with the repository `acme/apps` before each test of a file and stops it after. */
export function useRegistry(options: ArtifactRegistryOptions = {}): Fixture {
  let clock: ManualClock;
  let registry: RunningArtifactRegistry;
  const published: Published[] = [];
  beforeEach(async () => {
    clock = manualClock();
    published.length = 0;
    registry = await startArtifactRegistry({
      repositories: [{ name: REPOSITORY }],
      publisher: recordingPublisher(published),
      clock,
      ...options,
    });
  });
  afterEach(() => registry.close());
  function request(
    method: string,
    path: string,
    { body, headers }: RequestOptions = {},
  ): Promise<Response> {
    return fetch(new URL(path, registry.url), {
      method,
      ...(body === undefined ? {} : { body, duplex: "half" }),
      ...(headers === undefined ? {} : { headers }),
    });
  }
  function putManifest(name: string, reference: string, body: string): Promise<Response> {
    const headers = { "content-type": OCI_MANIFEST };
    return request("PUT", `/v2/${name}/manifests/${reference}`, { body, headers });
  }
  async function uploadBlob(name: string, body: string): Promise<string> {
    const digest = digestOf(body);
    await succeed(request("POST", `/v2/${name}/blobs/uploads/?digest=${digest}`, { body }));
    return digest;
  }
  return {
    registry: () => registry,
    clock: () => clock,
    published: () => published,
    request,
    putManifest,
    uploadBlob,
    pushManifest: async (name, reference, layer) => {
      const manifest = manifestOf([await uploadBlob(name, "{}"), await uploadBlob(name, layer)]);
      await succeed(putManifest(name, reference, manifest));
      return digestOf(manifest);
    },
  };
}

async function succeed(pending: Promise<Response>): Promise<void> {
  const response = await pending;
  if (response.status !== 201) {
    throw new Error(`${response.status} ${await response.text()}`);
  }
}

/** The real client of the API, for each test its own. */
export function useClient(fixture: Fixture): () => ArtifactRegistryClient {
  let client: ArtifactRegistryClient;
  beforeEach(() => {
    client = new ArtifactRegistryClient({
      apiEndpoint: "127.0.0.1",
      port: fixture.registry().port,
      projectId: "acme",
      sslCreds: credentials.createInsecure(),
      authClient: new PassThroughClient(),
    });
  });
  afterEach(() => client.close());
  return () => client;
}

/** An image that differs from others by its text. */
export function imageWith(text: string): Promise<Image> {
  return buildImage({ files: { "app/version": text } });
}

/** Keeps what is published. */
export function recordingPublisher(published: Published[]): Publisher {
  return {
    publish: (topic, { data = new Uint8Array(), attributes = {} }) => {
      const body: unknown = JSON.parse(Buffer.from(data).toString());
      published.push({ topic, body, attributes });
    },
  };
}

/** A manifest that refers to these blobs, the first being its configuration. */
export function manifestOf(
  [config = "", ...layers]: readonly string[],
  extra: object = {},
): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: toDescriptor(config),
    layers: layers.map(toDescriptor),
    ...extra,
  });
}

const Refusal = z.object({
  errors: z.tuple([z.object({ code: z.string(), message: z.string() })]),
});

/** The one error of a refusal by the distribution API. */
export async function errorOf(
  response: Response,
): Promise<{ readonly status: number; readonly code: string; readonly message: string }> {
  const { errors } = Refusal.parse(await response.json());
  return { status: response.status, ...errors[0] };
}

function toDescriptor(digest: string): object {
  return { mediaType: "text/plain", digest, size: 4 };
}
