import type { Api, Call, Message, ServerStream, Unary } from "../kit/call.ts";
import { realClock } from "../kit/clock.ts";
import { type EmulatorOptions, operation, type RunningServer, serve } from "../kit/server.ts";
import { RULES } from "./access-rules.ts";
import { adminApi, adminRules } from "./admin.ts";
import { createEngine, type Engine, reset } from "./engine.ts";
import { listen } from "./listen.ts";
import { partitionQuery, runAggregationQuery, runQueryRequest } from "./operations-query.ts";
import {
  batchGetDocuments,
  getDocument,
  listCollectionIds,
  listDocuments,
} from "./operations-read.ts";
import {
  batchWrite,
  beginTransaction,
  commitWrites,
  createDocument,
  deleteDocument,
  rollbackTransaction,
  updateDocument,
} from "./operations-write.ts";
import { addRoutes, LIST_ROUTES } from "./rest-routes.ts";
import { count, type Usage, usageOf } from "./usage.ts";

/** The emulator, running. */
export type FirestoreServer = RunningServer & {
  /** Documents read, written and deleted since the start or the last reset. */
  readonly usage: () => Usage;
};

/**
 * Starts a Firestore for `FIRESTORE_EMULATOR_HOST` set to its `grpcAddress`.
 * @throws Error when the port is taken.
 */
export async function startFirestore(options: EmulatorOptions = {}): Promise<FirestoreServer> {
  const clock = options.clock ?? realClock();
  const engine = createEngine(clock, options.persistence);
  const server = await serve({
    ...options,
    clock,
    apis: [firestoreApi(engine), adminApi(engine.admin)],
    http: (app) => addRoutes(app, engine),
    guard: {
      service: "firestore.googleapis.com",
      rules: { ...RULES, ...adminRules(engine.admin) },
    },
  });
  return { ...server, reset: () => reset(engine), usage: () => usageOf(engine.usage) };
}

function firestoreApi(engine: Engine): Api {
  return {
    protos: "@google-cloud/firestore/build/protos/v1.json",
    service: "google.firestore.v1.Firestore",
    routes: { ListDocuments: LIST_ROUTES },
    unary: counting(engine, {
      GetDocument: operation(getDocument.bind(null, engine)),
      ListDocuments: operation(listDocuments.bind(null, engine)),
      ListCollectionIds: operation(listCollectionIds.bind(null, engine)),
      CreateDocument: operation(createDocument.bind(null, engine)),
      UpdateDocument: operation(updateDocument.bind(null, engine)),
      DeleteDocument: operation(deleteDocument.bind(null, engine)),
      BeginTransaction: operation(beginTransaction.bind(null, engine)),
      Commit: operation(commitWrites.bind(null, engine)),
      Rollback: operation(rollbackTransaction.bind(null, engine)),
      BatchWrite: operation(batchWrite.bind(null, engine)),
      PartitionQuery: operation(partitionQuery.bind(null, engine)),
    }),
    serverStream: counting(engine, {
      BatchGetDocuments: toStream(operation(batchGetDocuments.bind(null, engine))),
      RunQuery: toStream(operation(runQueryRequest.bind(null, engine))),
      RunAggregationQuery: toStream(operation(runAggregationQuery.bind(null, engine))),
    }),
    bidi: counting(engine, { Listen: listen.bind(null, engine) }),
  };
}

/** The same methods, which count each call. */
function counting<Request, Answer>(
  engine: Engine,
  methods: Readonly<Record<string, (request: Request, call: Call) => Answer>>,
): Readonly<Record<string, (request: Request, call: Call) => Answer>> {
  const entries = Object.entries(methods).map(([name, run]) => {
    function counted(request: Request, call: Call): Answer {
      count(engine.usage, name, { calls: 1 });
      return run(request, call);
    }
    return [name, counted] as const;
  });
  return Object.fromEntries(entries);
}

/** A stream of the answers that an operation gives as one list. */
function toStream(run: Unary): ServerStream {
  return async function* stream(request: Message, call: Call): AsyncGenerator {
    const answers = await run(request, call);
    if (Array.isArray(answers)) {
      yield* answers;
    }
  };
}
