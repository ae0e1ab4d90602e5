import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { hostOf } from "../kit/network.ts";

/**
 * Headers that end at the front, because they are about the connection to it, or are reserved for Google.
 * Source: https://cloud.google.com/functions/docs/reference/headers
 */
const ENDING = /^(?:connection|keep-alive|proxy-authorization|te|trailer|upgrade|x-google-.*)$/;

/** Headers that the front writes itself. */
const OWN = new Set(["x-forwarded-for", "x-forwarded-proto", "forwarded"]);

const TRACE = /^([0-9a-f]{32})\/(\d+)(?:;o=([01]))?$/;
const PARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

/**
 * The headers of a request as a container sees them, in the form of `rawHeaders`: names and values in turn. `Host` stays
 * as the client sent it, or is the address of the world that led here.
 */
export function handedOn(
  request: Pick<IncomingMessage, "rawHeaders" | "headers" | "socket">,
  credentials: Readonly<Record<string, string>>,
): readonly string[] {
  const host = hostOf(request.headers);
  const own: Record<string, string> = {
    ...credentials,
    ...whence(request),
    ...traceOf(request),
    ...(host === null ? {} : { host }),
  };
  const kept = headersOf(request, (key) => !ENDING.test(key) && !(key in own) && !OWN.has(key));
  return [...kept, ...Object.entries(own).flat()];
}

/** Those headers of a message whose name in lower case is kept, in the form of `rawHeaders`. */
export function headersOf(
  { rawHeaders }: Pick<IncomingMessage, "rawHeaders">,
  isKept: (key: string) => boolean,
): readonly string[] {
  return rawHeaders.filter((_, at) => isKept((rawHeaders[at - (at % 2)] ?? "").toLowerCase()));
}

function whence({
  headers,
  socket,
}: Pick<IncomingMessage, "headers" | "socket">): Readonly<Record<string, string>> {
  const client = socket.remoteAddress ?? "127.0.0.1";
  const before = headers["x-forwarded-for"];
  return {
    "x-forwarded-for": typeof before === "string" ? `${before},${client}` : client,
    "x-forwarded-proto": "http",
    forwarded: `for="${client}";proto=http`,
  };
}

/** The trace that the client named, or a new one, in both spellings. Source: https://cloud.google.com/trace/docs/trace-context */
function traceOf({ headers }: Pick<IncomingMessage, "headers">): Readonly<Record<string, string>> {
  const [, parent] = PARENT.exec(String(headers["traceparent"] ?? "")) ?? [];
  const [, named] = TRACE.exec(String(headers["x-cloud-trace-context"] ?? "")) ?? [];
  const trace = parent ?? named ?? randomBytes(16).toString("hex");
  const span = randomBytes(8);
  return {
    traceparent: `00-${trace}-${span.toString("hex")}-00`,
    "x-cloud-trace-context": `${trace}/${span.readBigUInt64BE()}`,
  };
}
