import { type Api, operation } from "./call.ts";
import { type Clock, toTimestamp } from "./clock.ts";
import { googleError, statusCode, toGoogleError } from "./google-error.ts";
import { toRoutes } from "./http-rule.ts";
import { isRecord } from "./json.ts";
import { keepMaps } from "./kept-maps.ts";
import type { Persistence } from "./persistence.ts";
import { hasService } from "./protos.ts";

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

/** When an operation began, and when it ended. */
export type OperationTimes = { readonly createTime: string; readonly endTime?: string };

/** What a new operation is about. */
export type OperationInput = {
  /** `projects/P/locations/L`, or whatever the API puts before `/operations/`. */
  readonly parent: string;
  /** The API's own metadata with `@type`; a function of the times where it has fields for them. */
  readonly metadata: Readonly<Record<string, unknown>> | ((times: OperationTimes) => object);
};

/** The long-running operations of one API. */
export type Operations = {
  /** An operation that is finished when it is returned. */
  readonly done: (input: OperationInput & { readonly response: object }) => Operation;
  /** An operation whose `work` is done `runMs` later on the clock, and gives the response, with `@type`; a GoogleError is its error. */
  readonly start: (
    input: OperationInput & { readonly runMs: number; readonly work: () => unknown },
  ) => Operation;
  /** @throws GoogleError NOT_FOUND */
  readonly get: (name: string) => Operation;
  /** Forgets everything, and what is under way does not happen. */
  readonly reset: () => void;
};

type Outcome = Pick<Operation, "response" | "error">;

const SERVICE = "google.longrunning.Operations";

/**
 * The operations of one API. What was running when a persistent one stopped cannot go on and has ended with ABORTED.
 * Source: https://google.aip.dev/151
 */
export function createOperations(
  clock: Clock,
  kept?: { readonly persistence: Persistence | undefined; readonly name: string },
): Operations {
  const { operations, counts } = keepMaps(kept?.persistence, `${kept?.name ?? ""}-operations`, {
    operations: new Map<string, Operation>(),
    counts: new Map<"made", number>(),
  });
  for (const [name, { metadata = {}, done }] of operations) {
    if (done !== true) {
      operations.set(name, { name, metadata, done: true, error: RESTARTED });
    }
  }
  /** Adds an operation, and says how to end it. */
  function open({ parent, metadata }: OperationInput): {
    readonly begun: Operation;
    readonly end: (outcome: Outcome) => Operation;
  } {
    const made = (counts.get("made") ?? 0) + 1;
    counts.set("made", made);
    const createTime = toTimestamp(clock.now());
    const name = `${parent}/operations/operation-${clock.now()}-${made.toString(16).padStart(8, "0")}`;
    const begun = { name, metadata: toMetadata(metadata, { createTime }) };
    operations.set(name, begun);
    return {
      begun,
      end: (outcome) => {
        const times = { createTime, endTime: toTimestamp(clock.now()) };
        const ended = { name, metadata: toMetadata(metadata, times), done: true, ...outcome };
        operations.set(name, ended);
        return ended;
      },
    };
  }
  return {
    done: ({ response, ...input }) => open(input).end({ response }),
    start: ({ runMs, work, ...input }) => {
      const { begun, end } = open(input);
      clock.at(clock.now() + runMs, async () => {
        const outcome = operations.has(begun.name) ? await attempt(work) : null;
        if (outcome !== null && operations.has(begun.name)) {
          end(outcome);
        }
      });
      return begun;
    },
    get: (name) => {
      const found = operations.get(name);
      if (found === undefined) {
        throw googleError("NOT_FOUND", `Operation "${name}" not found`);
      }
      return found;
    },
    // The count goes on: who comes after has no name of before.
    reset: () => operations.clear(),
  };
}

/**
 * google.longrunning.Operations for one API's operations, with that API's own types where its descriptors have them. The
 * methods that nobody needs have paths as well, so that they are refused by name.
 * Source: https://github.com/googleapis/googleapis/blob/master/google/longrunning/operations.proto
 */
export function operationsApi(operations: Pick<Operations, "get">, protos: string): Api {
  const path = "{name=projects/*/locations/*/operations/*}";
  return {
    protos: hasService(protos, SERVICE) ? protos : "google-gax/build/protos/operations.json",
    service: SERVICE,
    unary: {
      GetOperation: operation<{ readonly name?: string }>(({ name = "" }) => operations.get(name)),
    },
    routes: {
      GetOperation: toRoutes("GET", `/${path}`),
      ListOperations: toRoutes("GET", "/{name=projects/*/locations/*}/operations"),
      CancelOperation: toRoutes("POST", `/${path}:cancel`),
      DeleteOperation: toRoutes("DELETE", `/${path}`),
      WaitOperation: toRoutes("POST", `/${path}:wait`),
    },
  };
}

async function attempt(work: () => unknown): Promise<Outcome> {
  try {
    const response = await work();
    return { response: isRecord(response) ? response : {} };
  } catch (error) {
    const { status, message, details } = toGoogleError(error);
    const told = details.length > 0 ? { details } : {};
    return { error: { code: statusCode(status), message, ...told } };
  }
}

function toMetadata(metadata: OperationInput["metadata"], times: OperationTimes): object {
  return typeof metadata === "function" ? metadata(times) : metadata;
}

const RESTARTED = { code: statusCode("ABORTED"), message: "The emulator was restarted." };
