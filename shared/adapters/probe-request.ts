import { request as callHttp } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { request as callHttps } from "node:https";

/** What became of one request to a service. */
export type ProbeAnswer =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly contentType: string;
      readonly body: string;
      /** Whether Identity-Aware Proxy says that the answer is its own. */
      readonly isOfProxy: boolean;
    }
  /** It did not get as far as the service: the network, a name or a certificate was in the way. */
  | { readonly kind: "unreached"; readonly reason: string }
  /** It got there, and no whole answer came back. */
  | { readonly kind: "silent"; readonly reason: string };

/** How to ask. */
export type ProbeQuestion = {
  readonly headers: Readonly<Record<string, string>>;
  readonly deadlineMs: number;
  /** What is longer is no answer. */
  readonly bytesMax: number;
  /** The address of a load balancer to ask in place of the one that the name leads to; null asks there. */
  readonly via: string | null;
};

/**
 * Makes one request, on a connection of its own, and follows no redirect. Whether the connection stood when something
 * went wrong tells whose fault it is: before that, nobody has spoken to the service.
 */
export async function askOnce(url: URL, question: ProbeQuestion): Promise<ProbeAnswer> {
  const { promise, resolve } = Promise.withResolvers<ProbeAnswer>();
  const asked = { isReached: false };
  const outgoing = open(url, question);
  const timer = setTimeout(() => {
    const limit = `within ${question.deadlineMs} ms`;
    resolve(
      asked.isReached
        ? { kind: "silent", reason: `no answer ${limit}` }
        : { kind: "unreached", reason: `no connection ${limit}` },
    );
  }, question.deadlineMs);
  outgoing.once("socket", (socket) => {
    const event = "encrypted" in socket ? "secureConnect" : "connect";
    socket.once(event, () => {
      asked.isReached = true;
    });
  });
  outgoing.once("error", (error) => {
    const reason = `no answer (${error.message})`;
    resolve({ kind: asked.isReached ? "silent" : "unreached", reason });
  });
  outgoing.once("response", (answer) => {
    readAnswer(answer, question.bytesMax, resolve);
  });
  outgoing.end();
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    outgoing.destroy();
  }
}

function open(url: URL, { headers, via }: ProbeQuestion): ClientRequest {
  const to = via === null ? url : new URL(`${url.pathname}${url.search}`, via);
  const options = { headers: { ...headers, host: url.host }, agent: false };
  return to.protocol === "https:" ? callHttps(to, options) : callHttp(to, options);
}

/**
 * What Identity-Aware Proxy puts into each answer that it gives itself: whoever has not signed in is sent to a page for it.
 * Source: https://cloud.google.com/iap/docs/query-parameters-and-headers-howto#detecting_responses_from_iap
 */
const OF_PROXY = "x-goog-iap-generated-response";

function readAnswer(
  answer: IncomingMessage,
  bytesMax: number,
  resolve: (answer: ProbeAnswer) => void,
): void {
  const chunks: Buffer[] = [];
  let count = 0;
  answer.on("data", (chunk: Buffer) => {
    count += chunk.byteLength;
    chunks.push(chunk);
    if (count > bytesMax) {
      resolve({ kind: "silent", reason: `its answer has more than ${bytesMax} bytes` });
    }
  });
  answer.once("error", () => {
    resolve({ kind: "silent", reason: "its answer broke off" });
  });
  answer.once("end", () => {
    resolve({
      kind: "answered",
      status: answer.statusCode ?? 0,
      contentType: answer.headers["content-type"] ?? "",
      body: Buffer.concat(chunks).toString("utf8"),
      isOfProxy: answer.headers[OF_PROXY] === "true",
    });
  });
}
