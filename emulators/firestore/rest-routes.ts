import type { Hono } from "hono";
import { compileTemplate, type Route } from "../kit/http-rule.ts";
import { clear, type Engine } from "./engine.ts";

const LIST = "/v1/{parent=projects/*/databases/*/documents/**}/{collection_id}";

/** A collection: an odd number of ids below the database. */
const COLLECTION =
  /^\/v1\/(projects\/[^/]+\/databases\/[^/]+\/documents(?:\/[^/]+\/[^/]+)*)\/([^/]+)$/;

/**
 * What the API's annotations do not tell apart: the template of ListDocuments fits a document as well, whose path has
 * an even number of ids.
 * Source: https://firebase.google.com/docs/firestore/reference/rest/v1/projects.databases.documents/list
 */
export const LIST_ROUTES: readonly Route[] = [
  {
    rule: { verb: "GET", template: LIST, body: "" },
    path: { ...compileTemplate(LIST), pattern: COLLECTION, rank: 0 },
  },
];

/**
 * Adds the routes by which it is seen that the emulator is there and a database is cleared, as in Google's emulator.
 * Source: https://firebase.google.com/docs/emulator-suite/connect_firestore#clear_your_database_between_tests
 */
export function addRoutes(app: Hono, engine: Engine): void {
  app.get("/", (context) => context.text("Ok\n"));
  app.delete("/emulator/v1/projects/:project/databases/:database/documents", (context) => {
    const { project, database } = context.req.param();
    clear(engine, `projects/${project}/databases/${database}/documents/`);
    return context.json({});
  });
}
