import type { RequestContext } from "./context.ts";

/** The statuses from which on a request was refused, and from which on it failed. */
const REFUSED_FROM = 400;
const FAILED_FROM = 500;

/** Answers a request, and tells of it if it may decide something: who only looks waits for no collector. */
export async function tellOf(
  name: string,
  context: RequestContext,
  next: () => Promise<void>,
): Promise<void> {
  if (context.req.method === "GET" || context.req.method === "HEAD") {
    return next();
  }
  const { telemetry } = context.get("wiring").ports;
  return telemetry.invocation({ function: name, message: null, attempt: null }, async () => {
    await next();
    telemetry.came(name, outcomeOf(context.res.status));
  });
}

function outcomeOf(status: number): string {
  if (status >= FAILED_FROM) {
    return "failed";
  }
  return status >= REFUSED_FROM ? "refused" : "decided";
}
