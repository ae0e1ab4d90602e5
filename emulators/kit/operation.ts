import { type Clock, type Timer, toTimestamp } from "./clock.ts";
import { parseFilter } from "./filter.ts";
import { type GoogleError, googleError, statusCode, toGoogleError } from "./google-error.ts";
import { isRecord } from "./json.ts";
import { keepMaps } from "./kept-maps.ts";
import { type Page, paginate, type PageRequest } from "./page.ts";
import type { Persistence } from "./persistence.ts";

/** A google.longrunning.Operation as JSON. `metadata` and `response` carry `@type`. */
export type Operation = {
  readonly name: string;
  readonly metadata?: object;
  readonly done?: boolean;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly details?: readonly unknown[];
  };
  readonly response?: object;
};

/** When an operation began, when it ended, and whether somebody asked to cancel it. */
export type OperationTimes = {
  readonly createTime: string;
  readonly endTime?: string;
  readonly requestedCancellation: boolean;
};

/** What a new operation is about. */
export type OperationInput = {
  /** `projects/P/locations/L`, or whatever the API puts before `/operations/`. */
  readonly parent: string;
  /** The API's own metadata with `@type`; a function of the times where it has fields for them. */
  readonly metadata: Readonly<Record<string, unknown>> | ((times: OperationTimes) => object);
};

/** Work that ends later. `work` runs at the end; what it returns is the response, with `@type`. */
export type OperationWork = { readonly runMs: number; readonly work: () => unknown };

/** A request to list operations. */
export type OperationListRequest = PageRequest & { readonly filter?: string | undefined };

/** The long-running operations of one API. */
export type Operations = {
  /** An operation that is finished when it is returned. */
  readonly done: (input: OperationInput & { readonly response: object }) => Operation;
  /** An operation that finishes `runMs` later on the clock; a GoogleError from `work` is its error. */
  readonly start: (input: OperationInput & OperationWork) => Operation;
  /** @throws GoogleError NOT_FOUND */
  readonly get: (name: string) => Operation;
  /** The operations under a parent, oldest first. */
  readonly list: (parent: string, request: OperationListRequest) => Page<Operation>;
  /** Ends a running operation with CANCELLED; one that is done stays. @throws GoogleError NOT_FOUND */
  readonly cancel: (name: string) => void;
  /** Forgets an operation; work that is under way goes on. @throws GoogleError NOT_FOUND */
  readonly delete: (name: string) => void;
  /** Forgets everything, and what is under way does not happen. */
  readonly reset: () => void;
};

/** What ends an operation that has not ended. */
type Running = {
  readonly metadata: OperationInput["metadata"];
  readonly createTime: string;
  readonly timer: Timer | undefined;
};

type State = {
  readonly clock: Clock;
  readonly operations: Map<string, Operation>;
  readonly running: Map<string, Running>;
};

/** Where operations are kept, and under what name. */
export type OperationsKept = {
  readonly persistence: Persistence | undefined;
  readonly name: string;
};

type Outcome = { readonly response: object } | { readonly error: GoogleError };

const PAGE_LIMITS = { defaultSize: 100, maxSize: 1000 };

/**
 * The operations of one API. What was running when a persistent one stopped cannot go on and has ended with ABORTED.
 * Source: https://google.aip.dev/151
 */
export function createOperations(clock: Clock, kept?: OperationsKept): Operations {
  const state: State = { clock, operations: new Map(), running: new Map() };
  const { operations, running } = state;
  const counts = new Map<"made", number>();
  keepMaps(kept?.persistence, `${kept?.name ?? ""}-operations`, { operations, counts });
  for (const [name, { metadata = {}, done }] of operations) {
    if (done !== true) {
      operations.set(name, { name, metadata, done: true, error: RESTARTED });
    }
  }
  function open({ parent, metadata }: OperationInput): Operation {
    const made = (counts.get("made") ?? 0) + 1;
    counts.set("made", made);
    const createTime = toTimestamp(clock.now());
    const id = `operation-${clock.now()}-${made.toString(16).padStart(8, "0")}`;
    const operation = {
      name: `${parent}/operations/${id}`,
      metadata: toMetadata(metadata, { createTime, requestedCancellation: false }),
    };
    operations.set(operation.name, operation);
    running.set(operation.name, { metadata, createTime, timer: undefined });
    return operation;
  }
  const find = findIn.bind(null, operations);
  return {
    done: (input) => finish(state, open(input), { response: input.response }),
    start: (input) => {
      const operation = open(input);
      const timer = clock.at(clock.now() + input.runMs, async () => {
        finish(state, operation, await attempt(input.work));
      });
      const { metadata } = input;
      const createTime = running.get(operation.name)?.createTime ?? "";
      running.set(operation.name, { metadata, createTime, timer });
      return operation;
    },
    get: find,
    list: (parent, request) => listUnder(operations, parent, request),
    cancel: (name) => {
      const operation = find(name);
      running.get(name)?.timer?.cancel();
      finish(state, operation, {
        error: googleError("CANCELLED", "The operation was cancelled."),
      });
    },
    delete: (name) => void operations.delete(find(name).name),
    reset: () => {
      running.forEach(({ timer }) => timer?.cancel());
      running.clear();
      operations.clear();
      counts.clear();
    },
  };
}

function findIn(operations: ReadonlyMap<string, Operation>, name: string): Operation {
  const operation = operations.get(name);
  if (operation === undefined) {
    throw googleError("NOT_FOUND", `Operation "${name}" not found`);
  }
  return operation;
}

/** Ends an operation; one that has ended already stays as it is, and one that was deleted stays away. */
function finish(
  { clock, operations, running }: State,
  begun: Operation,
  outcome: Outcome,
): Operation {
  const { name } = begun;
  const entry = running.get(name);
  running.delete(name);
  if (entry === undefined) {
    return operations.get(name) ?? begun;
  }
  const metadata = toMetadata(entry.metadata, {
    createTime: entry.createTime,
    endTime: toTimestamp(clock.now()),
    requestedCancellation: "error" in outcome && outcome.error.status === "CANCELLED",
  });
  const result = "error" in outcome ? { error: toStatus(outcome.error) } : outcome;
  const operation = { name, metadata, done: true, ...result };
  if (operations.has(name)) {
    operations.set(name, operation);
  }
  return operation;
}

async function attempt(work: () => unknown): Promise<Outcome> {
  try {
    const response = await work();
    return { response: isRecord(response) ? response : {} };
  } catch (error) {
    return { error: toGoogleError(error) };
  }
}

function listUnder(
  operations: ReadonlyMap<string, Operation>,
  parent: string,
  request: OperationListRequest,
): Page<Operation> {
  const isMeant = parseFilter(request.filter ?? "");
  const found = [...operations.values()].filter(
    (one) => one.name.startsWith(`${parent}/operations/`) && isMeant(one),
  );
  return paginate(found, request, PAGE_LIMITS);
}

function toMetadata(metadata: OperationInput["metadata"], times: OperationTimes): object {
  return typeof metadata === "function" ? metadata(times) : metadata;
}

function toStatus({ status, message, details }: GoogleError): NonNullable<Operation["error"]> {
  return { code: statusCode(status), message, ...(details.length > 0 ? { details } : {}) };
}

const RESTARTED = { code: statusCode("ABORTED"), message: "The emulator was restarted." };
