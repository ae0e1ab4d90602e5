import { statusOf } from "../../shared/adapters/google-errors.ts";
import { callStorage } from "./cloud.ts";
import type { Cloud } from "./cloud.ts";
import { creation, unchanged } from "./step.ts";
import type { PlannedStep } from "./step.ts";

/** The statuses of a bucket that somebody made in the meantime. */
const MADE_MEANWHILE: ReadonlySet<string> = new Set(["ABORTED", "ALREADY_EXISTS"]);

/**
 * The step that makes the bucket of the archives, closed to the public and without permissions of single
 * objects.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/buckets
 * @throws TransientError or PermanentError, such as when the name is another project's.
 */
export async function planBucket(
  cloud: Cloud,
  wanted: { readonly name: string; readonly location: string },
): Promise<PlannedStep> {
  const uri = `gs://${wanted.name}`;
  if (await isThere(cloud, uri)) {
    return unchanged("bucket", uri);
  }
  return creation("bucket", uri, async () => {
    const storage = await cloud.storage();
    try {
      await callStorage(uri, () =>
        storage.createBucket(wanted.name, {
          location: wanted.location,
          iamConfiguration: {
            uniformBucketLevelAccess: { enabled: true },
            publicAccessPrevention: "enforced",
          },
        }),
      );
    } catch (error) {
      if (!MADE_MEANWHILE.has(statusOf(error)) || !(await isThere(cloud, uri))) {
        throw error;
      }
    }
  });
}

async function isThere(cloud: Cloud, uri: string): Promise<boolean> {
  const storage = await cloud.storage();
  try {
    await callStorage(uri, () => storage.bucket(uri.slice("gs://".length)).getMetadata());
    return true;
  } catch (error) {
    if (statusOf(error) === "NOT_FOUND") {
      return false;
    }
    throw error;
  }
}
