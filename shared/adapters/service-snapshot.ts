import type { DocumentSnapshot } from "@google-cloud/firestore";

import { assert } from "../domain/assert.ts";
import { unknownHolds } from "../domain/hold.ts";
import type { Hold } from "../domain/hold.ts";
import { serviceId } from "../domain/ids.ts";
import { dueOf } from "../domain/numbers/sum.ts";
import { UnreadableError } from "../ports/errors.ts";
import type { ListedService, SeenService, ServiceAggregate } from "../ports/store.ts";
import { ControlAggregateValue, ServiceAggregateValue } from "../wire/state/aggregate.ts";
import { SERVICE_FIELDS } from "./documents.ts";
import { bodyOf } from "./firestore-client.ts";

/**
 * A service's document as it was read, with the holds on everything; null when there is none.
 * @throws UnreadableError also when it holds another service than the one it is named after: what is decided on it
 * would be stored there.
 */
export function readService(
  snapshot: DocumentSnapshot,
  globalHolds: readonly Hold[],
): ServiceAggregate | null {
  const own = bodyOf(ServiceAggregateValue, snapshot);
  if (own === null) {
    return null;
  }
  const { service } = own.state;
  const { id } = service;
  if (id !== snapshot.id) {
    throw new UnreadableError(snapshot.ref.path, `it holds the service ${id}`);
  }
  const due = own.due ?? dueOf(service, own.numbers);
  return { ...own, due, state: { ...own.state, globalHolds, windows: {}, images: {} } };
}

/** The same, with the version on which the next commit depends. `globalHolds` null: they were not read. */
export function seeService(
  snapshot: DocumentSnapshot,
  globalHolds: readonly Hold[] | null,
): SeenService | null {
  const aggregate = readService(snapshot, globalHolds ?? []);
  if (aggregate === null) {
    return null;
  }
  assert(snapshot.updateTime !== undefined, "a document that exists was updated once");
  const version = toVersion(snapshot.updateTime);
  const isFindable = snapshot.get("fields") === SERVICE_FIELDS;
  return { ...aggregate, version, areHoldsRead: globalHolds !== null, isFindable };
}

/** The same of a document among others: one that cannot be read says so instead of throwing. */
export function listService(
  snapshot: DocumentSnapshot,
  globalHolds: readonly Hold[] | null,
): ListedService {
  try {
    const seen = seeService(snapshot, globalHolds);
    assert(seen !== null, "what a query finds exists");
    return { kind: "readable", seen };
  } catch (error) {
    if (error instanceof UnreadableError) {
      const { reason, isNewer } = error;
      return { kind: "unreadable", service: serviceId(snapshot.id), reason, isNewer };
    }
    throw error;
  }
}

/** The holds on everything, of the control document; what stands for them when it cannot be read. */
export function globalHoldsOf(control: DocumentSnapshot): readonly Hold[] {
  try {
    return bodyOf(ControlAggregateValue, control)?.state.holds ?? [];
  } catch (error) {
    if (error instanceof UnreadableError) {
      return unknownHolds(error.reason);
    }
    throw error;
  }
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
