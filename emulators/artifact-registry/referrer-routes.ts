import { z } from "zod";
import type { Exchange } from "./exchange.ts";
import { DIGEST } from "./names.ts";
import { registryError } from "./registry-error.ts";
import type { Version } from "./state.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";

const Manifest = z.object({
  artifactType: z.string().optional(),
  config: z.object({ mediaType: z.string() }).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

/**
 * GET referrers/<digest>: the manifests whose subject it is, perhaps of one type. What nothing refers to has
 * none, whether it is there or not.
 * Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
 */
export async function listReferrers(exchange: Exchange): Promise<Response> {
  const { repository, id, reference, url } = exchange;
  if (!DIGEST.test(reference)) {
    throw registryError(
      "DIGEST_INVALID",
      `"${reference}" is no digest sha256:<64 hex digits> or sha512:<128>`,
      {
        status: 400,
      },
    );
  }
  const versions = [...(repository.packages.get(id.image)?.versions.values() ?? [])];
  const referring = versions.filter(({ subject }) => subject === reference);
  const all = await Promise.all(referring.map(async (version) => toDescriptor(exchange, version)));
  const wanted = url.searchParams.get("artifactType");
  const manifests =
    wanted === null ? all : all.filter(({ artifactType }) => artifactType === wanted);
  const headers = {
    "content-type": INDEX,
    ...(wanted === null ? {} : { "oci-filters-applied": "artifactType" }),
  };
  return Response.json({ schemaVersion: 2, mediaType: INDEX, manifests }, { headers });
}

type Descriptor = {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
};

/** The type of an artifact is its configuration's, unless it says so itself. */
async function toDescriptor({ registry }: Exchange, version: Version): Promise<Descriptor> {
  const { mediaType, digest, manifestBytes: size } = version;
  const bytes = await registry.blobs.read(digest);
  const manifest = Manifest.parse(JSON.parse(Buffer.from(bytes).toString()));
  const artifactType = manifest.artifactType ?? manifest.config?.mediaType;
  return { mediaType, digest, size, artifactType, annotations: manifest.annotations };
}
