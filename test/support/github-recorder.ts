import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { brokenByDescription } from "./github-description.ts";
import { onLoopback } from "./on-loopback.ts";

/** A call that went through, with what is not right about it by GitHub's own description. */
export type RecordedCall = {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly broken: readonly string[];
};

/** Stands before the local GitHub and looks at what passes. */
export type Recorder = {
  readonly url: string;
  readonly calls: readonly RecordedCall[];
  readonly forget: () => void;
  readonly close: () => Promise<void>;
};

/** Starts one that hands everything on to a server, as it comes. */
export async function openRecorder(target: string): Promise<Recorder> {
  const calls: RecordedCall[] = [];
  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url: path = "/" } = request;
    const body = await text(request);
    const { authorization = "" } = request.headers;
    const answer = await fetch(`${target}${path}`, {
      method,
      headers: { authorization },
      redirect: "manual",
      ...(body === "" ? {} : { body }),
    }).catch(() => null);
    if (answer === null) {
      response.destroy();
      return;
    }
    const told = await answer.text();
    const { status } = answer;
    const broken = brokenByDescription({ method, path, body, status, told });
    calls.push({ method, path, status, broken });
    response.writeHead(status, Object.fromEntries(answer.headers)).end(told);
  }
  const server = createServer((request, response) => void pass(request, response));
  const { url, close } = await onLoopback(server);
  return {
    url,
    calls,
    forget: () => {
      calls.length = 0;
    },
    close,
  };
}
