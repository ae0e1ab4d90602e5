import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

/** Names of this machine for itself. Source: https://www.rfc-editor.org/rfc/rfc6761#section-6.3 */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/**
 * Lets a listener see only requests that were addressed to this machine by a name of its own, and that no
 * page of another origin made. A web page may have its own name lead to 127.0.0.1 (DNS rebinding), and would
 * read what a local server gives to anybody: tokens, secrets, state. `others` are further names that may be
 * used: those of the service that is stood in for, which no page has.
 */
export function onlyLoopback(
  listener: RequestListener,
  others: RegExp | null = null,
): RequestListener {
  return (request, response) => {
    const refusal = refuse(request, others);
    if (refusal === null) {
      listener(request, response);
      return;
    }
    answer(response, refusal);
  };
}

function refuse({ headers }: IncomingMessage, others: RegExp | null): string | null {
  const { host = "", origin } = headers;
  if (!LOOPBACK.test(host) && others?.test(host) !== true) {
    return `this server answers on the machine's own names (localhost, 127.0.0.1), not ${JSON.stringify(host)}`;
  }
  return origin === undefined || isOwnOrigin(origin)
    ? null
    : `this server answers no page of ${JSON.stringify(origin)}`;
}

function isOwnOrigin(origin: string): boolean {
  return URL.canParse(origin) && LOOPBACK.test(new URL(origin).host);
}

function answer(response: ServerResponse, message: string): void {
  const body = { error: { code: 403, message, status: "PERMISSION_DENIED", details: [] } };
  response.writeHead(403, { "content-type": "application/json", connection: "close" });
  response.end(JSON.stringify(body));
}
