import { type Clock, type Timer, toTimestamp } from "./clock.ts";
import { parseFilter } from "./filter.ts";
import { type GoogleError, googleError, statusCode, toGoogleError } from "./google-error.ts";
import { isRecord } from "./json.ts";
import { type Page, paginate, type PageRequest } from "./page.ts";

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
  /** Everything, as JSON. */
  readonly snapshot: () => unknown;
  /** Takes over a snapshot. What was running then cannot go on and has ended with ABORTED. */
  readonly restore: (snapshot: unknown) => void;
  /** Forgets everything, and what is under way does not happen. */
  readonly reset: () => void;
};

type Entry = {
  readonly metadata: OperationInput["metadata"];
  readonly createTime: string;
  operation: Operation;
  timer: Timer | undefined;
};

type Outcome = { readonly response: object } | { readonly error: GoogleError };

const PAGE_LIMITS = { defaultSize: 100, maxSize: 1000 };

/**
 * The operations of one API, kept in memory.
 * Source: https://google.aip.dev/151
 */
export function createOperations(clock: Clock): Operations {
  const entries = new Map<string, Entry>();
  let made = 0;
  function open({ parent, metadata }: OperationInput): Entry {
    made += 1;
    const createTime = toTimestamp(clock.now());
    const id = `operation-${clock.now()}-${made.toString(16).padStart(8, "0")}`;
    const operation = {
      name: `${parent}/operations/${id}`,
      metadata: toMetadata(metadata, { createTime, requestedCancellation: false }),
      done: false,
    };
    const entry: Entry = { metadata, createTime, operation, timer: undefined };
    entries.set(operation.name, entry);
    return entry;
  }
  function find(name: string): Entry {
    const entry = entries.get(name);
    if (entry === undefined) {
      throw googleError("NOT_FOUND", `Operation "${name}" not found`);
    }
    return entry;
  }
  return {
    done: (input) => finish(open(input), clock, { response: input.response }),
    start: (input) => {
      const entry = open(input);
      entry.timer = clock.at(clock.now() + input.runMs, async () => {
        finish(entry, clock, await attempt(input.work));
      });
      return entry.operation;
    },
    get: (name) => find(name).operation,
    list: (parent, request) => listUnder(entries, parent, request),
    cancel: (name) => {
      const entry = find(name);
      entry.timer?.cancel();
      finish(entry, clock, { error: googleError("CANCELLED", "The operation was cancelled.") });
    },
    delete: (name) => void entries.delete(find(name).operation.name),
    snapshot: () => [...entries.values()].map((entry) => entry.operation),
    restore: (snapshot) => {
      for (const entry of toEntries(snapshot)) {
        entries.set(entry.operation.name, entry);
      }
      made = entries.size;
    },
    reset: () => {
      for (const entry of entries.values()) {
        entry.timer?.cancel();
      }
      entries.clear();
      made = 0;
    },
  };
}

/** Ends an operation; one that has ended already stays as it is. */
function finish(entry: Entry, clock: Clock, outcome: Outcome): Operation {
  const { name, done } = entry.operation;
  if (done === true) {
    return entry.operation;
  }
  const metadata = toMetadata(entry.metadata, {
    createTime: entry.createTime,
    endTime: toTimestamp(clock.now()),
    requestedCancellation: "error" in outcome && outcome.error.status === "CANCELLED",
  });
  const result = "error" in outcome ? { error: toStatus(outcome.error) } : outcome;
  entry.operation = { name, metadata, done: true, ...result };
  return entry.operation;
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
  entries: ReadonlyMap<string, Entry>,
  parent: string,
  request: OperationListRequest,
): Page<Operation> {
  const isMeant = parseFilter(request.filter ?? "");
  const found = [...entries.values()]
    .map((entry) => entry.operation)
    .filter((one) => one.name.startsWith(`${parent}/operations/`) && isMeant(one));
  return paginate(found, request, PAGE_LIMITS);
}

function toMetadata(metadata: OperationInput["metadata"], times: OperationTimes): object {
  return typeof metadata === "function" ? metadata(times) : metadata;
}

function toStatus({ status, message, details }: GoogleError): NonNullable<Operation["error"]> {
  return { code: statusCode(status), message, ...(details.length > 0 ? { details } : {}) };
}

const RESTARTED = { code: statusCode("ABORTED"), message: "The emulator was restarted." };

function toEntries(snapshot: unknown): readonly Entry[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is what `snapshot` returned
  const operations = (snapshot ?? []) as readonly Operation[];
  return operations.map((stored) => {
    const { name, metadata = {}, done } = stored;
    const operation = done === true ? stored : { name, metadata, done: true, error: RESTARTED };
    return { metadata: () => metadata, createTime: "", operation, timer: undefined };
  });
}
