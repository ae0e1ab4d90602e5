import { statusOf } from "../../../shared/adapters/google-errors.ts";
import { PermanentError } from "../../../shared/ports/errors.ts";
import type { Driver } from "../engine/driver.ts";
import type { Fields } from "../resource.ts";
import type { Google } from "./google.ts";
import { restKind } from "./rest-kind.ts";
import { SHAPES } from "./shapes.ts";

/**
 * A bucket of a project; null when it has none of that name. Names are one for all of Google Cloud, and one that
 * is another project's looks like one that the caller may not see: the project's list tells.
 * @throws TransientError or PermanentError
 */
export async function findBucket(
  google: Google,
  { name, project }: { readonly name: string; readonly project: string },
): Promise<Fields | null> {
  try {
    return await google.find("storage", { method: "GET", path: `storage/v1/b/${name}` });
  } catch (error) {
    const isHidden = statusOf(error) === "PERMISSION_DENIED";
    if (!isHidden || (await isListed(google, name, project))) {
      throw error;
    }
    return null;
  }
}

/** Whether a project has a bucket of that name. @throws TransientError or PermanentError */
export async function isListed(google: Google, name: string, project: string): Promise<boolean> {
  const query = { project, prefix: name };
  const found = await google.list("storage", "storage/v1/b", { items: "items", query });
  return found.some((bucket) => bucket["name"] === name);
}

/** Buckets. Source: https://cloud.google.com/storage/docs/json_api/v1/buckets */
export function bucketKind(google: Google, installation: string): Driver {
  const base = restKind(google, installation, SHAPES.bucket);
  return {
    ...base,
    read: async ({ name, project }) => findBucket(google, { name, project }),
    create: async (resource) => {
      const { name, project } = resource;
      try {
        await base.create(resource);
      } catch (error) {
        if (statusOf(error) === "ABORTED" && !(await isListed(google, name, project))) {
          const message = `the name ${name} is taken by a bucket of another project: use another project for Slipway`;
          throw new PermanentError("FAILED_PRECONDITION", message, error);
        }
        throw error;
      }
    },
  };
}
