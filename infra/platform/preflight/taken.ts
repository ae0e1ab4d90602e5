import { statusOf } from "../../../shared/adapters/google-errors.ts";
import type { Change, Obstacle } from "../engine/plan.ts";
import { isListed } from "../kinds/bucket-kind.ts";
import { apiName } from "../kinds/google.ts";
import type { Google } from "../kinds/google.ts";
import type { Platform } from "../settings.ts";
import { databaseName } from "../table/database.ts";
import { sourcesBucket } from "../table/names.ts";
import type { ApiState } from "./api-states.ts";

/** A database of the name that is not Slipway's, or that it cannot use. */
export async function databaseObstacles(
  google: Google,
  platform: Platform,
  isBegun: boolean,
): Promise<readonly Obstacle[]> {
  const name = databaseName(platform);
  const found = await google.find("firestore", { method: "GET", path: `v1/${name}` });
  if (found === null) {
    return [];
  }
  if (found["type"] === "DATASTORE_MODE") {
    return [
      {
        what: `database ${name} is in Datastore mode, and Slipway needs Native mode`,
        mend: "install Slipway in another project; the mode of a database cannot be changed while it has data",
      },
    ];
  }
  return isBegun
    ? []
    : [
        {
          what: `database ${name} is there already, but no installation of Slipway is`,
          mend: "if a destroyed installation left it, say --take-over; otherwise install Slipway in another project",
        },
      ];
}

/**
 * Services of Cloud Run that have the name of a function which is not there: the function could not be made.
 * Source: https://cloud.google.com/run/docs/functions/comparison
 */
export async function takenServices(
  google: Google,
  changes: readonly Change[],
  stateOf: ApiState,
): Promise<readonly Obstacle[]> {
  const toMake = changes.filter(
    ({ resource: { kind, project }, action }) =>
      kind === "function" && action === "create" && stateOf(project, apiName("run")) === "on",
  );
  const looks = toMake.map(async ({ resource }): Promise<readonly Obstacle[]> => {
    const path = `v2/${resource.name.replace("/functions/", "/services/")}`;
    const found = await google.find("run", { method: "GET", path });
    const id = resource.name.split("/").at(-1) ?? "";
    return found === null
      ? []
      : [
          {
            what: `the name ${id} is taken by a service of Cloud Run in project ${resource.project}`,
            mend: `remove the service if nobody needs it, or install Slipway in another project than ${resource.project}`,
          },
        ];
  });
  return (await Promise.all(looks)).flat();
}

/**
 * A bucket of the name that is in another project: names of buckets are one for all of Google Cloud. Whoever may read
 * it could take it for one's own.
 * Source: https://cloud.google.com/storage/docs/buckets#naming
 */
export async function bucketObstacles(
  google: Google,
  platform: Platform,
): Promise<readonly Obstacle[]> {
  const name = sourcesBucket(platform);
  const { project } = platform;
  if ((await isFree(google, name)) || (await isListed(google, name, project))) {
    return [];
  }
  return [
    {
      what: `the name ${name} is taken by a bucket of another project than ${project}`,
      mend: "use another project for Slipway, or have that bucket removed",
    },
  ];
}

async function isFree(google: Google, name: string): Promise<boolean> {
  try {
    return (await google.find("storage", { method: "GET", path: `storage/v1/b/${name}` })) === null;
  } catch (error) {
    if (statusOf(error) === "PERMISSION_DENIED") {
      return false;
    }
    throw error;
  }
}
