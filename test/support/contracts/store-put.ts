import type { ReleaseId } from "../../../shared/domain/ids.ts";
import type { SeenService, ServiceAggregate, Store } from "../../../shared/ports/store.ts";
import { NO_HISTORY } from "./samples.ts";

/** Stores an aggregate as it is. */
export async function put(store: Store, aggregate: ServiceAggregate): Promise<void> {
  await store.transact(aggregate.state.service.id, noName, () => ({
    write: { aggregate, history: NO_HISTORY },
    value: null,
  }));
}

/** What a service was seen to be, without the version that its store gave it. */
export function bare({
  version: _version,
  areHoldsRead: _read,
  isFindable: _found,
  ...aggregate
}: SeenService): ServiceAggregate {
  return aggregate;
}

/** Names no release. */
export function noName(): readonly ReleaseId[] {
  return [];
}
