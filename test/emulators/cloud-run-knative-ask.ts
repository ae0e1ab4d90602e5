import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { expect } from "vitest";
import type { Setting } from "./cloud-run-setting.ts";

/** What a request was answered with. */
export type Answer = { readonly status: number | undefined; readonly body: unknown };

/** Asks as gcloud does: in version 1, and with the region in the name of the host. */
export async function askKnative(
  { server: { port } }: Setting,
  [method, path, body]: readonly [string, string, unknown?],
  host = "us-central1-run.googleapis.com",
): Promise<Answer> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { host, connection: "close" };
    const asked = request({ host: "127.0.0.1", port, method, path, headers }, resolve);
    asked.on("error", reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
  return { status: answer.statusCode, body: JSON.parse(await text(answer)) };
}

/** A list in which one has these fields. */
export function oneOf(fields: object): unknown {
  return expect.arrayContaining([expect.objectContaining(fields)]);
}
