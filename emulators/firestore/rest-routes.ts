import type { Context, Hono } from "hono";
import type { Clock } from "../kit/clock.ts";
import { type FaultPlan, runWithFaults } from "../kit/faults.ts";
import { clear, type Engine } from "./engine.ts";
import { getDocument } from "./operations-read.ts";
import { count } from "./usage.ts";
import type { WireDocument } from "./wire-document.ts";

type Served = { readonly engine: Engine; readonly clock: Clock; readonly faults: FaultPlan };

const METHOD = "GetDocument";
const METHOD_NAME = `google.firestore.v1.Firestore/${METHOD}`;

/**
 * Adds the routes that the API's annotations do not tell apart or do not have: a path with an even
 * number of ids is a document, though the template of ListDocuments fits it as well; and a database is
 * cleared as in Google's emulator.
 * Source: https://firebase.google.com/docs/firestore/reference/rest/v1/projects.databases.documents/get
 * and https://firebase.google.com/docs/emulator-suite/connect_firestore#clear_your_database_between_tests
 */
export function addRoutes(app: Hono, served: Served): void {
  app.delete("/emulator/v1/projects/:project/databases/:database/documents", (context) => {
    clear(served.engine, `${rootOf(context)}/`);
    return context.json({});
  });
  const documents = "/v1/projects/:project/databases/:database/documents";
  app.get(`${documents}/:path{.+}`, async (context, next) => {
    const ids = context.req.param("path").split("/");
    return ids.length % 2 === 1 ? next() : context.json(await answer(served, context));
  });
}

async function answer({ engine, clock, faults }: Served, context: Context): Promise<WireDocument> {
  const call = {
    clock,
    method: METHOD,
    member: null,
    headers: context.req.header(),
    signal: context.req.raw.signal,
    connection: new AbortController().signal,
  };
  const { transaction, readTime } = context.req.query();
  const fieldPaths = context.req.queries("mask.fieldPaths");
  const request = {
    name: `${rootOf(context)}/${context.req.param("path") ?? ""}`,
    ...(fieldPaths === undefined ? {} : { mask: { fieldPaths } }),
    ...(transaction === undefined ? {} : { transaction }),
    ...(readTime === undefined ? {} : { readTime }),
  };
  return runWithFaults({ clock, faults, method: METHOD_NAME }, async () => {
    count(engine.usage, METHOD, { calls: 1 });
    return getDocument(engine, request, call);
  });
}

function rootOf(context: Context): string {
  const { project, database } = context.req.param();
  return `projects/${project}/databases/${database}/documents`;
}
