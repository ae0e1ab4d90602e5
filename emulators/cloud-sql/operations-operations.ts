import { paginate } from "../kit/page.ts";
import { toPageRequest } from "./operations-instances.ts";
import { sqlError } from "./sql-error.ts";
import type { CloudSql, OperationRecord } from "./state.ts";
import { operationView } from "./views.ts";

const PAGE_LIMITS = { defaultSize: 100, maxSize: 1000 };

type OperationRequest = { readonly project?: string; readonly operation?: string };

/** SqlOperationsService.Get */
export function getOperation(run: CloudSql, request: OperationRequest): object {
  return operationView(run.state, findOperation(run, request));
}

/** SqlOperationsService.List: the newest first, of one instance or of all. */
export function listOperations(
  run: CloudSql,
  request: {
    readonly project?: string;
    readonly instance?: string;
    readonly maxResults?: number;
    readonly pageToken?: string;
  },
): object {
  const { project, instance = "" } = request;
  const found = [...run.state.operations.values()]
    .filter((one) => one.project === project && (instance === "" || one.instance === instance))
    .toReversed();
  const page = paginate(found, toPageRequest(request), PAGE_LIMITS);
  return {
    kind: "sql#operationsList",
    items: page.items.map((operation) => operationView(run.state, operation)),
    nextPageToken: page.nextPageToken,
  };
}

function findOperation({ state }: CloudSql, request: OperationRequest): OperationRecord {
  const found = state.operations.get(request.operation ?? "");
  if (found === undefined || found.project !== request.project) {
    throw sqlError("operationDoesNotExist", "The Cloud SQL instance operation does not exist.");
  }
  return found;
}
