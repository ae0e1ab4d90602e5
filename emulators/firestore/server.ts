import type { Api, Call, Message, ServerStream, Unary } from "../kit/call.ts";
import { realClock } from "../kit/clock.ts";
import { toRoute } from "../kit/http-rule.ts";
import { type EmulatorOptions, operation, type RunningServer, serve } from "../kit/server.ts";
import { RULES } from "./access-rules.ts";
import { adminApi, adminRules } from "./admin.ts";
import { batchWrite, createDocument, deleteDocument, updateDocument } from "./document-writes.ts";
import { createEngine, type Engine, reset, type Usage } from "./engine.ts";
import { listCollectionIds, listDocuments } from "./lists.ts";
import { listen } from "./listen.ts";
import {
  batchGetDocuments,
  beginTransaction,
  commitWrites,
  getDocument,
  rollbackTransaction,
  runAggregationQuery,
  runQueryRequest,
} from "./operations.ts";

/** The emulator, running. */
export type FirestoreServer = RunningServer & {
  /** Calls since the start or the last reset, and the documents that they read, wrote and deleted. */
  readonly usage: () => Readonly<Usage>;
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
    // By this it is seen that the emulator is there, as in Google's.
    http: (app) => app.get("/", (context) => context.text("Ok\n")),
    guard: {
      service: "firestore.googleapis.com",
      rules: { ...RULES, ...adminRules(engine.admin) },
    },
  });
  return { ...server, reset: () => reset(engine), usage: () => ({ ...engine.usage }) };
}

/** A collection, by an odd number of ids below the database: the template of ListDocuments fits a document as well. */
const LIST = toRoute({
  verb: "GET",
  template: "/v1/{parent=projects/*/databases/*/documents/**}/{collection_id}",
  body: "",
});
const COLLECTION =
  /^\/v1\/(projects\/[^/]+\/databases\/[^/]+\/documents(?:\/[^/]+\/[^/]+)*)\/([^/]+)$/;

function firestoreApi(engine: Engine): Api {
  type Run<Request, Answer> = (engine: Engine, request: Request, call: Call) => Answer;
  function counted<Request, Answer>(
    run: Run<Request, Answer>,
  ): (request: Request, call: Call) => Answer {
    return (request, call) => {
      engine.usage.calls += 1;
      return run(engine, request, call);
    };
  }
  return {
    protos: "@google-cloud/firestore/build/protos/v1.json",
    service: "google.firestore.v1.Firestore",
    routes: {
      ListDocuments: [{ ...LIST, path: { ...LIST.path, pattern: COLLECTION, rank: 0 } }],
    },
    unary: {
      GetDocument: operation(counted(getDocument)),
      ListDocuments: operation(counted(listDocuments)),
      ListCollectionIds: operation(counted(listCollectionIds)),
      CreateDocument: operation(counted(createDocument)),
      UpdateDocument: operation(counted(updateDocument)),
      DeleteDocument: operation(counted(deleteDocument)),
      BatchWrite: operation(counted(batchWrite)),
      BeginTransaction: operation(counted(beginTransaction)),
      Commit: operation(counted(commitWrites)),
      Rollback: operation(counted(rollbackTransaction)),
    },
    serverStream: {
      BatchGetDocuments: toStream(operation(counted(batchGetDocuments))),
      RunQuery: toStream(operation(counted(runQueryRequest))),
      RunAggregationQuery: toStream(operation(counted(runAggregationQuery))),
    },
    bidi: { Listen: counted(listen) },
  };
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
