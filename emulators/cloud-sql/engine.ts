import { invalid } from "./sql-error.ts";

/** The database servers that Cloud SQL runs. */
type Engine = "POSTGRES" | "MYSQL" | "SQLSERVER";

/**
 * The server of a version such as `POSTGRES_16`.
 * @throws GoogleError INVALID_ARGUMENT
 */
export function engineOf(databaseVersion: string): Engine {
  const engine = /^(POSTGRES|MYSQL|SQLSERVER)_/.exec(databaseVersion)?.[1];
  if (engine !== "POSTGRES" && engine !== "MYSQL" && engine !== "SQLSERVER") {
    throw invalid(`invalid database version: ${databaseVersion}.`);
  }
  return engine;
}

/** The part of a version that a restore cannot change: `MYSQL_8_0` of `MYSQL_8_0_36`. */
export function majorVersion(databaseVersion: string): string {
  const major = /^(POSTGRES_9_6|POSTGRES_\d+|MYSQL_\d+_\d+|SQLSERVER_\d+)/.exec(databaseVersion);
  return major?.[0] ?? databaseVersion;
}
