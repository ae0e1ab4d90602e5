import { createDatabase } from "./operations-admin.ts";
import type { Admin } from "./operations-admin.ts";
import { updateField } from "./operations-fields.ts";

/** A database that is there from the start. */
export type Declared = {
  /** `projects/P/databases/D` */
  readonly name: string;
  /** Fields of collection groups that queries may look for over all collections of that id. */
  readonly groupFields: readonly {
    readonly collection: string;
    readonly field: string;
    readonly order: "ASCENDING" | "DESCENDING";
  }[];
};

/** Makes a database that is to be there from the start, unless it was kept. */
export function declare(admin: Admin, { name, groupFields }: Declared, nowMs: number): void {
  if (admin.state.databases.has(name)) {
    return;
  }
  const [, project = "", , databaseId = ""] = name.split("/");
  const database = { locationId: "us-central1", type: "FIRESTORE_NATIVE" };
  createDatabase(admin, { parent: `projects/${project}`, databaseId, database }, nowMs);
  for (const { collection, field, order } of groupFields) {
    const indexes = [
      { queryScope: "COLLECTION", fields: [{ fieldPath: field, order: "ASCENDING" }] },
      { queryScope: "COLLECTION", fields: [{ fieldPath: field, order: "DESCENDING" }] },
      { queryScope: "COLLECTION_GROUP", fields: [{ fieldPath: field, order }] },
    ];
    const fieldName = `${name}/collectionGroups/${collection}/fields/${field}`;
    updateField(admin, { field: { name: fieldName, indexConfig: { indexes } } });
  }
}
