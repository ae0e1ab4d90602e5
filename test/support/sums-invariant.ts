import { isDeepStrictEqual } from "node:util";
import { NEW_BOOK } from "../../shared/domain/numbers/book.ts";
import { count } from "../../shared/domain/numbers/count.ts";
import { addSums, sumOf, takeInto } from "../../shared/domain/numbers/sum.ts";
import type { Sum } from "../../shared/domain/numbers/sum.ts";
import { toOwnerKey } from "../../shared/domain/owner-key.ts";
import type { World } from "./memory-ports.ts";

/**
 * The sums, with what is due, are what all records come to, counted anew: of all, and of each owner. Only where no
 * service changed hands or its last stage.
 */
export function brokenSums({ store }: World): readonly string[] {
  const services = [...store.services.values()];
  const owners = new Set(services.flatMap(({ state }) => state.service.owners.map(toOwnerKey)));
  return [null, ...owners].flatMap((owner) => {
    const own = services.filter(
      ({ state }) => owner === null || state.service.owners.map(toOwnerKey).includes(owner),
    );
    const recounted = own.reduce<Sum>((sum, { state }) => {
      const records = store.records.get(state.service.id) ?? [];
      return addSums(sum, sumOf(state.service, records.reduce(count, NEW_BOOK)));
    }, []);
    const due = services.flatMap((service) => service.due);
    const kept = takeInto(store.sums.get(owner ?? "") ?? [], owner, due);
    return isDeepStrictEqual(kept, recounted)
      ? []
      : [`the sums of ${owner ?? "all"} are not what the records come to`];
  });
}
