import type { Context, Hono } from "hono";
import { readBody } from "./body.ts";
import { googleError } from "./google-error.ts";

/** What stands for data: one text, whose writes are counted. */
export type Content = { readonly version: number; readonly text: string };

type Params = Readonly<Record<string, string>>;

/** How large the text may be, in characters. */
const CONTENT_LENGTH_MAX = 65_536;

/**
 * Adds a data plane, in which data is one text that is read and written. The service has nothing like it; it stands for what
 * its clients would see. The `path` begins with `/emulator/v1/`, and its parameters say whose data is meant.
 */
export function addContentRoutes(
  app: Hono,
  path: string,
  data: {
    readonly read: (params: Params) => Content;
    readonly write: (params: Params, text: string) => Content;
  },
): void {
  app.get(path, (c) => answer(c, data.read(c.req.param())));
  app.put(path, async (c) => {
    const text = await readBody(c.req.raw);
    if (text.length > CONTENT_LENGTH_MAX) {
      throw googleError("INVALID_ARGUMENT", `More than ${CONTENT_LENGTH_MAX} characters`);
    }
    return answer(c, data.write(c.req.param(), text));
  });
}

function answer(c: Context, { text, version }: Content): Response {
  return c.text(text, 200, { "x-content-version": String(version) });
}
