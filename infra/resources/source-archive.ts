import { createHash } from "node:crypto";
import { statusOf } from "../../shared/adapters/google-errors.ts";
import { callStorage } from "./cloud.ts";
import type { Cloud } from "./cloud.ts";
import { creation, unchanged } from "./step.ts";
import type { PlannedStep } from "./step.ts";

const DIFFERS =
  "it differs from what this version of Slipway would write; it stays, because releases were made of it";

/** The address of the archive of one revision of a service's specification. */
export function archiveUri(bucket: string, service: string, revision: string): string {
  return `gs://${bucket}/services/${service}/${revision}.tar.gz`;
}

/**
 * The step that stores the archive of a revision. One that is there is never written over, so that a release can
 * be looked up as it was made, for ever.
 * Source: https://cloud.google.com/storage/docs/request-preconditions
 * @throws TransientError or PermanentError
 */
export async function planArchive(
  cloud: Cloud,
  uri: string,
  bytes: Uint8Array,
): Promise<PlannedStep> {
  const there = await readArchiveHash(cloud, uri);
  if (there !== null) {
    return unchanged("source archive", uri, there === hashOf(bytes) ? [] : [DIFFERS]);
  }
  return creation("source archive", uri, async () => {
    const file = await open(cloud, uri);
    try {
      await callStorage(uri, () =>
        file.save(Buffer.from(bytes), {
          resumable: false,
          contentType: "application/gzip",
          preconditionOpts: { ifGenerationMatch: 0 },
        }),
      );
    } catch (error) {
      // Somebody stored it in the meantime, or an answer to us was lost.
      if (statusOf(error) !== "FAILED_PRECONDITION") {
        throw error;
      }
    }
  });
}

/** The MD5 of an object as Cloud Storage writes it; null when there is no such object or bucket. */
export async function readArchiveHash(cloud: Cloud, uri: string): Promise<string | null> {
  const file = await open(cloud, uri);
  try {
    const [metadata] = await callStorage(uri, () => file.getMetadata());
    return metadata.md5Hash ?? "";
  } catch (error) {
    if (statusOf(error) === "NOT_FOUND") {
      return null;
    }
    throw error;
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("base64");
}

async function open(
  cloud: Cloud,
  uri: string,
): Promise<ReturnType<ReturnType<Awaited<ReturnType<Cloud["storage"]>>["bucket"]>["file"]>> {
  const [, bucket = "", name = ""] = /^gs:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  return (await cloud.storage()).bucket(bucket).file(name);
}
