import type { Context, Hono } from "hono";
import { readBody } from "../kit/body.ts";
import { currentContent, writeContent } from "./content.ts";
import { findInstance } from "./find.ts";
import type { CloudSql, ContentVersion } from "./state.ts";

const PATH = "/emulator/v1/projects/:project/instances/:instance/content";

/**
 * Adds the data plane: an instance's data is one text, read and written here. The service has nothing
 * like it; it stands for what a client of the database would see.
 */
export function addContentRoutes(app: Hono, run: CloudSql): void {
  app.get(PATH, (c) => {
    return answer(c, currentContent(run.state, findInstance(run.state, c.req.param())));
  });
  app.put(PATH, async (c) => {
    const text = await readBody(c.req.raw);
    const instance = findInstance(run.state, c.req.param());
    const written = writeContent(run.state, instance, text);
    return answer(c, written);
  });
}

function answer(c: Context, { text, version }: ContentVersion): Response {
  return c.text(text, 200, { "x-content-version": String(version) });
}
