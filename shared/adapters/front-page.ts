/** An answer as far as it tells who gave it. */
type Page = { readonly status: number; readonly contentType: string; readonly body: string };

/**
 * How Google's own pages for 404 begin, where no service of ours was asked: Cloud Run's front (no such service, or an
 * ingress that turns the caller away), Google's front for a name that nothing is behind, and load balancers whose rules
 * lead nowhere. The `Server` header tells nothing: the front writes it into every answer. Google documents none of these
 * texts; they are what its users report. Where one changes, a 404 counts as the service's own again.
 * Sources: https://cloud.google.com/run/docs/troubleshooting and https://cloud.google.com/run/docs/securing/ingress
 */
const NOT_FOUND_MARKS: readonly RegExp[] = [
  /<title>404 Page not found<\/title>[^]*<h1>Error: Page not found<\/h1>/i,
  /<title>Error 404 \(Not Found\)!!1<\/title>/i,
  /^\s*default backend - 404\s*$/,
  /^\s*response 404 \(backend NotFound\), service rules for/,
  /^\s*fault filter abort\s*$/,
];

/** Whether a 404 is Google's and not the service's own. */
export function isGooglesNotFound({ status, body }: Page): boolean {
  return status === 404 && NOT_FOUND_MARKS.some((mark) => mark.test(body));
}
