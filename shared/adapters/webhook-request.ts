import { request as callHttp } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { request as callHttps } from "node:https";
import { isIP } from "node:net";
import type { LookupFunction } from "node:net";
import { isPublicAddress, NOT_PUBLIC, publicOnly } from "./public-address.ts";

/** Whom events may be sent to. */
export type Reach =
  /** Over TLS, to addresses of the internet alone: whoever writes a specification does not reach into the cloud. */
  | { readonly kind: "internet"; readonly resolve?: LookupFunction }
  /** To this machine as well: for a local cloud. */
  | { readonly kind: "anywhere" };

/** What became of one request. */
export type WebhookAnswer =
  /** Nothing of what was answered is kept but this. */
  | { readonly kind: "answered"; readonly status: number; readonly retryAfter: string | null }
  | { readonly kind: "unreached"; readonly reason: string };

/** What is sent. */
export type WebhookPost = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** By then an answer has begun. */
  readonly deadlineMs: number;
};

/** Sends one request on a connection of its own, and follows no redirect. Of the answer only its head is read. */
export async function postOnce(url: URL, post: WebhookPost, reach: Reach): Promise<WebhookAnswer> {
  const barred = whyBarred(url, reach);
  if (barred !== null) {
    return { kind: "unreached", reason: barred };
  }
  const { promise, resolve } = Promise.withResolvers<WebhookAnswer>();
  const outgoing = open(url, post, reach);
  const timer = setTimeout(() => {
    resolve({ kind: "unreached", reason: `did not answer within ${post.deadlineMs} ms` });
  }, post.deadlineMs);
  outgoing.once("error", ({ message }) => {
    resolve({ kind: "unreached", reason: `did not answer (${message})` });
  });
  outgoing.once("response", ({ statusCode = 0, headers }: IncomingMessage) => {
    resolve({ kind: "answered", status: statusCode, retryAfter: headers["retry-after"] ?? null });
  });
  outgoing.end(post.body);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    outgoing.destroy();
  }
}

function whyBarred({ protocol, hostname }: URL, { kind }: Reach): string | null {
  if (kind === "anywhere") {
    return null;
  }
  if (protocol !== "https:") {
    return "is not reached over https";
  }
  const host = hostname.replace(/^\[(?<address>.*)\]$/, "$<address>");
  return isIP(host) !== 0 && !isPublicAddress(host) ? NOT_PUBLIC : null;
}

function open(url: URL, { headers, body }: WebhookPost, reach: Reach): ClientRequest {
  const options = {
    method: "POST",
    headers: { ...headers, "content-length": Buffer.byteLength(body) },
    agent: false,
    ...(reach.kind === "internet" && { lookup: publicOnly(reach.resolve) }),
  } as const;
  return url.protocol === "https:" ? callHttps(url, options) : callHttp(url, options);
}
