import { subscribe } from "node:diagnostics_channel";
import { IncomingMessage, ServerResponse } from "node:http";

/** Published for each request before any server sees it. Source: https://nodejs.org/api/diagnostics_channel.html#http */
const REQUEST_CHANNEL = "http.server.request.start";

/** A percent sign that begins no escape of valid UTF-8 text is found by decoding what surrounds it. */
const ESCAPES = /(?:%[0-9a-f]{2})+|%/gi;

/**
 * Has every request of this process pass the door before the functions framework sees it. The framework
 * would read a body of up to 1 GiB, unpack it, and answer what it cannot read with a text of its own, all
 * before a function is asked who calls.
 */
export function standAtTheDoor(): void {
  subscribe(REQUEST_CHANNEL, (exchange) => {
    if (isExchange(exchange)) {
      passDoor(exchange.request, exchange.response);
    }
  });
}

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };

function isExchange(message: unknown): message is Exchange {
  return (
    typeof message === "object" &&
    message !== null &&
    "request" in message &&
    message.request instanceof IncomingMessage &&
    "response" in message &&
    message.response instanceof ServerResponse
  );
}

/**
 * Leaves a request's body for the function to read, makes its path one that can be decoded, and gives the
 * answer the headers that every answer has, whoever makes it.
 */
export function passDoor(request: IncomingMessage, response: ServerResponse): void {
  // The framework's parsers pass over a request that announces no body. What came stays in rawHeaders.
  delete request.headers["content-length"];
  delete request.headers["transfer-encoding"];
  Object.assign(request, { url: toDecodable(request.url ?? "/") });
  response.setHeader("cache-control", "no-store");
  response.setHeader("x-content-type-options", "nosniff");
}

/** The address with every percent sign escaped that escapes nothing: `/%ff` is a name that nothing has. */
function toDecodable(url: string): string {
  return url.replaceAll(ESCAPES, (escapes) =>
    isText(escapes) ? escapes : escapes.replaceAll("%", "%25"),
  );
}

function isText(escapes: string): boolean {
  try {
    return decodeURIComponent(escapes) !== "%";
  } catch {
    return false;
  }
}
