import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { countServices } from "../../shared/app/numbers.ts";
import type { Counted } from "../../shared/app/numbers.ts";
import { countsOf } from "../../shared/domain/numbers/figures.ts";
import type { Range } from "../../shared/domain/numbers/figures.ts";
import { days, instant } from "../../shared/domain/time.ts";
import { NumbersQuery, NumbersView, toNumbersView } from "../../shared/wire/api/numbers.ts";
import { answers } from "./answers.ts";
import { deskOf, serviceNamed } from "../requests/context.ts";
import type { RequestContext, RequestEnvironment } from "../requests/context.ts";
import { RequestError } from "../requests/errors.ts";

/** How far back numbers go unless a call says otherwise. */
const RANGE_DEFAULT = days(28);

const route = createRoute({
  method: "get",
  path: "/v1/numbers",
  summary: "How deliveries to production go: of a service, of an owner, or of all",
  request: { query: NumbersQuery },
  responses: answers(200, NumbersView, "Counts and lengths of time over whole weeks"),
});

/** Adds the call that tells numbers. */
export function addNumbers(app: OpenAPIHono<RequestEnvironment>): void {
  app.openapi(route, async (context) => {
    const { service = null, owner = null, from, to } = context.req.valid("query");
    if (service !== null && owner !== null) {
      throw new RequestError("INVALID_ARGUMENT", "name a service or an owner, not both");
    }
    const end = to ?? context.get("wiring").ports.clock.now();
    const range = { from: from ?? instant(end - RANGE_DEFAULT), to: end };
    if (range.from > range.to) {
      throw new RequestError("INVALID_ARGUMENT", "from must not be after to");
    }
    const { counts, services } = await countAsked(context, { service, owner, range });
    return context.json(toNumbersView(counts, { service, owner, services, range }), 200);
  });
}

async function countAsked(
  context: RequestContext,
  asked: {
    readonly service: string | null;
    readonly owner: string | null;
    readonly range: Range;
  },
): Promise<Counted> {
  const { service, range } = asked;
  if (service === null) {
    return countServices(context.get("wiring").ports, deskOf(context), asked);
  }
  const { state, numbers } = await serviceNamed(context, service);
  return { counts: countsOf(state.service, numbers, range), services: 1 };
}
