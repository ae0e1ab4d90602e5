import { PermanentError } from "../ports/errors.ts";
import type { Backups } from "../ports/backups.ts";
import { cloudSqlBackups } from "./cloud-sql-backups.ts";
import { gkeBackups } from "./gke-backups.ts";

/** Where both services are: `http://HOST:PORT` without credentials, or null for Google's. */
export type GoogleBackupsOptions = {
  readonly cloudSql: string | null;
  readonly gkeBackup: string | null;
};

/** Backups of databases by Cloud SQL and of clusters by Backup for GKE: each source goes to its own. */
export function googleBackups(endpoints: GoogleBackupsOptions): Backups {
  const sql = cloudSqlBackups({ endpoint: endpoints.cloudSql });
  const gke = gkeBackups({ endpoint: endpoints.gkeBackup });
  return {
    databases: sql.databases,
    recoveryWindow: sql.recoveryWindow,
    take: async (source, mark) =>
      source.kind === "gke" ? gke.take(source, mark) : sql.take(source, mark),
    observe: async (source, name) =>
      source.kind === "gke" ? gke.observe(source, name) : sql.observe(source, name),
    list: async (source, limit) =>
      source.kind === "gke" ? gke.list(source, limit) : sql.list(source, limit),
    remove: async (source, name) =>
      source.kind === "gke" ? gke.remove(source, name) : sql.remove(source, name),
    restore: async ({ source, name }, into, order) => {
      if (source.kind === "gke" && into.kind === "gke") {
        return gke.restore({ source, name }, into, order);
      }
      if (source.kind === "cloud-sql" && into.kind === "cloud-sql") {
        return sql.restore({ source, name }, into, order);
      }
      const message = `${name} cannot be restored into a source of another kind`;
      throw new PermanentError("INVALID_ARGUMENT", message);
    },
    observeRestore: async (into, name) =>
      into.kind === "gke" ? gke.observeRestore(into, name) : sql.observeRestore(into, name),
  };
}
