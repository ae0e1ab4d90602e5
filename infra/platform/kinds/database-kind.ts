import { nullWhenMissing } from "../../../shared/adapters/outside-call.ts";
import type { Driver } from "../engine/driver.ts";
import type { Google } from "./google.ts";
import { restKind } from "./rest-kind.ts";
import { SHAPES } from "./shapes.ts";

/**
 * Databases. One that is to go loses its protection first: whoever takes it away has named it.
 * Source: https://cloud.google.com/firestore/docs/manage-databases#delete_protection
 */
export function databaseKind(google: Google, installation: string): Driver {
  const base = restKind(google, installation, SHAPES.database);
  return {
    ...base,
    remove: async (resource, found) => {
      const { name } = resource;
      await nullWhenMissing(async () => {
        await google.call("firestore", {
          method: "PATCH",
          path: `v1/${name}`,
          query: { updateMask: "deleteProtectionState" },
          body: { name, deleteProtectionState: "DELETE_PROTECTION_DISABLED" },
        });
      });
      await base.remove(resource, found);
    },
  };
}
