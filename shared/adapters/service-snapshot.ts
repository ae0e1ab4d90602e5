import type { DocumentSnapshot } from "@google-cloud/firestore";

import { assert } from "../domain/assert.ts";
import type { Hold } from "../domain/hold.ts";
import type { SeenService, ServiceAggregate } from "../ports/store.ts";
import { ServiceAggregateValue } from "../wire/state/aggregate.ts";
import { bodyOf } from "./firestore-client.ts";

/** A service's document as it was read, with the holds on everything; null when there is none. */
export function readService(
  snapshot: DocumentSnapshot,
  globalHolds: readonly Hold[],
): ServiceAggregate | null {
  const own = bodyOf(ServiceAggregateValue, snapshot);
  return own === null ? null : { ...own, state: { ...own.state, globalHolds, windows: {} } };
}

/** The same, with the version by which it is stored again. */
export function seeService(
  snapshot: DocumentSnapshot,
  globalHolds: readonly Hold[],
): SeenService | null {
  const aggregate = readService(snapshot, globalHolds);
  if (aggregate === null) {
    return null;
  }
  assert(snapshot.updateTime !== undefined, "a document that exists was updated once");
  return { ...aggregate, version: toVersion(snapshot.updateTime) };
}

type UpdateTime = { readonly seconds: number; readonly nanoseconds: number };

/** The version of a document that was last updated then: no two updates of one have the same time. */
export function toVersion({ seconds, nanoseconds }: UpdateTime): string {
  return `${seconds}.${nanoseconds}`;
}

/** When a document of that version was last updated. */
export function timeOfVersion(version: string): UpdateTime {
  const [seconds, nanoseconds] = version.split(".");
  return { seconds: Number(seconds), nanoseconds: Number(nanoseconds) };
}
