import { countServices } from "../../shared/app/numbers.ts";
import type { Counted } from "../../shared/app/numbers.ts";
import type { Range } from "../../shared/domain/numbers/figures.ts";
import { countsOf } from "../../shared/domain/numbers/sum.ts";
import { deskOf, serviceNamed } from "./context.ts";
import type { RequestContext } from "./context.ts";

/**
 * The counts of a service, of an owner, or of all that the caller may read, for each of some ranges of weeks.
 * @throws RequestError NOT_FOUND for a service that they may not read.
 */
export async function countAsked(
  context: RequestContext,
  asked: {
    readonly service: string | null;
    readonly owner: string | null;
    readonly ranges: readonly Range[];
  },
): Promise<Counted> {
  const { service, ranges } = asked;
  if (service === null) {
    return countServices(context.get("wiring").ports, deskOf(context), asked);
  }
  const { state, numbers } = await serviceNamed(context, service);
  return { counts: ranges.map((range) => countsOf(state.service, numbers, range)), services: 1 };
}
