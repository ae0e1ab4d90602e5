import type {
  SqlBackupRunsServiceClient,
  SqlInstancesServiceClient,
  SqlOperationsServiceClient,
} from "@google-cloud/sql";

import { TransientError } from "../ports/errors.ts";
import { statusOf } from "./google-errors.ts";
import { lazily } from "./grpc-endpoint.ts";
import { callOutside } from "./outside-call.ts";
import type { CallLimits } from "./outside-call.ts";
import { restEndpointOptions } from "./rest-endpoint.ts";

/** The clients of Cloud SQL that are used here, made when they are first needed. */
export type CloudSqlClients = () => Promise<{
  readonly runs: SqlBackupRunsServiceClient;
  readonly instances: SqlInstancesServiceClient;
  readonly operations: SqlOperationsServiceClient;
}>;

/** Opens Cloud SQL at `http://HOST:PORT`, or for null at Google's own address. */
export function openCloudSql(endpoint: string | null): CloudSqlClients {
  return lazily(async () => {
    const library = await import("@google-cloud/sql");
    const options = await restEndpointOptions(endpoint);
    return {
      runs: new library.SqlBackupRunsServiceClient(options),
      instances: new library.SqlInstancesServiceClient(options),
      operations: new library.SqlOperationsServiceClient(options),
    };
  });
}

/**
 * Calls Cloud SQL. It answers 409 if another operation runs on the instance. Elsewhere 409 is permanent; here
 * it passes.
 * Source: https://cloud.google.com/sql/docs/troubleshooting
 * @throws TransientError or PermanentError whose message begins with `resource`.
 */
export async function callCloudSql<Value>(
  resource: string,
  act: () => Promise<Value>,
  limits?: CallLimits,
): Promise<Value> {
  try {
    return await callOutside(resource, act, limits);
  } catch (error) {
    if (statusOf(error) === "ALREADY_EXISTS") {
      throw new TransientError("ABORTED", `${resource}: another operation is under way`, error);
    }
    throw error;
  }
}
