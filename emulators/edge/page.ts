/** What the front answers in place of a service. */
export type Page = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** Where a token was not believed. Source: https://www.rfc-editor.org/rfc/rfc6750#section-3 */
const INVALID_TOKEN =
  'Bearer error="invalid_token" error_description="The access token could not be verified"';

/** The ingress turns the caller away, or there is no such service: nobody can tell which. */
export function notFound(): Page {
  return page(404, ["404 Page not found", "Page not found"], NOT_FOUND);
}

/** The caller has no token, or may not invoke the service. */
export function forbidden(path: string): Page {
  const text = `Your client does not have permission to get URL <code>${escape(path)}</code> from this server.`;
  return page(403, ["403 Forbidden", "Forbidden"], text);
}

/** The caller's token is not one that is believed. */
export function unauthorized(path: string): Page {
  const text = `Your client does not have permission to the requested URL <code>${escape(path)}</code>.`;
  const made = page(401, ["401 Unauthorized", "Unauthorized"], text);
  return { ...made, headers: { ...made.headers, "www-authenticate": INVALID_TOKEN } };
}

/** The request's body is larger than HTTP/1 may bring. */
export function tooLarge(): Page {
  const text = "Your client issued a request that was too large.";
  return page(413, ["413 Request Entity Too Large", "Request Entity Too Large"], text);
}

/** Every instance that there may be is busy. */
export function rateExceeded(): Page {
  return { status: 429, headers: { "content-type": "text/html" }, body: "Rate exceeded." };
}

/** The instance did not answer, or broke off. */
export function unavailable(): Page {
  const text =
    "The service you requested is not available yet.<p>Please try again in 30 seconds.</p>";
  return page(503, ["503 Server Error", "Server Error"], text);
}

/** The instance took longer than a request may. */
export function timedOut(): Page {
  return {
    status: 504,
    headers: { "content-type": "text/plain" },
    body: "upstream request timeout",
  };
}

const NOT_FOUND = "The requested URL was not found on this server.";

function page(status: number, [title, heading]: readonly [string, string], text: string): Page {
  const body = [
    "",
    "<html><head>",
    '<meta http-equiv="content-type" content="text/html;charset=utf-8">',
    `<title>${title}</title>`,
    "</head>",
    "<body text=#000000 bgcolor=#ffffff>",
    `<h1>Error: ${heading}</h1>`,
    `<h2>${text}</h2>`,
    "<h2></h2>",
    "</body></html>",
    "",
  ].join("\n");
  return { status, headers: { "content-type": "text/html; charset=UTF-8" }, body };
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
