import type { RunningServer } from "../../emulators/kit/server.ts";
import { LOCAL_DATABASE, LOCAL_PROJECT } from "../../infra/local/settings.ts";

/** The database of stories. */
export const DATABASE = `projects/${LOCAL_PROJECT}/databases/${LOCAL_DATABASE}`;

const GROUP_FIELDS = [
  ["promotions", "id", "ASCENDING"],
  ["timeline", "since", "DESCENDING"],
  ["audit", "happenedAt", "DESCENDING"],
] as const;

/** Makes a database with the indexes over all services, as an installation does: other queries need none. */
export async function makeDatabase(
  { url }: Pick<RunningServer, "url">,
  name: string = DATABASE,
): Promise<void> {
  const [, project = "", , databaseId = ""] = name.split("/");
  const database = { locationId: "us-central1", type: "FIRESTORE_NATIVE" };
  const databases = `${url}/v1/projects/${project}/databases`;
  await send("POST", `${databases}?databaseId=${databaseId}`, database);
  for (const [collection, field, order] of GROUP_FIELDS) {
    const indexes = [
      { queryScope: "COLLECTION", fields: [{ fieldPath: field, order: "ASCENDING" }] },
      { queryScope: "COLLECTION", fields: [{ fieldPath: field, order: "DESCENDING" }] },
      { queryScope: "COLLECTION_GROUP", fields: [{ fieldPath: field, order }] },
    ];
    const path = `${databases}/${databaseId}/collectionGroups/${collection}/fields/${field}`;
    await send("PATCH", path, { indexConfig: { indexes } });
  }
}

async function send(method: string, url: string, body: object): Promise<void> {
  const response = await fetch(url, { method, body: JSON.stringify(body) });
  if (!response.ok) {
    throw new Error(`${method} ${url}: ${await response.text()}`);
  }
}
