import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { NO_COUNTS } from "../../shared/domain/numbers/figures.ts";
import { days, instant } from "../../shared/domain/time.ts";
import { NumbersQuery, NumbersView, toNumbersView } from "../../shared/wire/api/numbers.ts";
import { answers } from "./answers.ts";
import type { RequestEnvironment } from "../requests/context.ts";
import { RequestError } from "../requests/errors.ts";
import { countAsked } from "../requests/numbers.ts";

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
    const { counts, services } = await countAsked(context, { service, owner, ranges: [range] });
    const [all = NO_COUNTS] = counts;
    return context.json(toNumbersView(all, { service, owner, services, range }), 200);
  });
}
