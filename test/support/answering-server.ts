import { createServer } from "node:http";

import { onLoopback } from "./on-loopback.ts";

/** What is answered to one request; 200 and JSON unless it says otherwise. */
export type CannedAnswer = {
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Never answers at all. */
  readonly isSilent?: boolean;
};

/** A server that gives the answers it was told to give, for what no emulator says. */
export type AnsweringServer = {
  readonly url: string;
  /** The answer to the next request that has none yet; without any it is 404. */
  readonly answer: (answer: CannedAnswer) => void;
  /** Answers every request from now on by its path and query. */
  readonly answerBy: (answering: (path: string) => CannedAnswer) => void;
  /** The path and query of every request so far. */
  readonly asked: readonly string[];
  /** The headers of every request so far. */
  readonly headers: readonly Readonly<Record<string, string | string[] | undefined>>[];
  readonly close: () => Promise<void>;
};

/** Starts one on the loopback interface. */
export async function startAnswering(): Promise<AnsweringServer> {
  const answers: CannedAnswer[] = [];
  let answering: ((path: string) => CannedAnswer) | null = null;
  const asked: string[] = [];
  const headers: Readonly<Record<string, string | string[] | undefined>>[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    headers.push(request.headers);
    const answer = answers.shift() ?? answering?.(request.url ?? "") ?? { status: 404 };
    if (answer.isSilent !== true) {
      response.writeHead(answer.status ?? 200, {
        "content-type": "application/json",
        ...answer.headers,
      });
      response.end(answer.body ?? "");
    }
  });
  const { url, close } = await onLoopback(server);
  return {
    url,
    answer: (answer) => {
      answers.push(answer);
    },
    answerBy: (by) => {
      answering = by;
    },
    asked,
    headers,
    close,
  };
}
