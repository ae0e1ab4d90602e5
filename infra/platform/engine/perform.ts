import { statusOf } from "../../../shared/adapters/google-errors.ts";
import { TransientError } from "../../../shared/ports/errors.ts";
import type { Fields } from "../resource.ts";
import type { Driver, Drivers, Owner } from "./driver.ts";
import { inOrder, reversed } from "./order.ts";
import type { Failed } from "./order.ts";
import { patiently } from "./patience.ts";
import type { Waiting } from "./patience.ts";
import type { Change } from "./plan.ts";

/** How much is written at once: quotas for writes are small. */
const WRITES_AT_ONCE_MAX = 6;

/** What happens while changes are done. */
export type Progress =
  | { readonly kind: "begun" | "done"; readonly change: Change }
  | { readonly kind: "waiting"; readonly change: Change; readonly reason: string };

/** How changes are done. */
export type Performing = {
  readonly drivers: Drivers;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
  readonly report: (progress: Progress) => void;
};

/** What came of it: what failed, and what was not begun for it. */
export type Performed = {
  readonly failed: readonly Failed<Change>[];
  readonly skipped: readonly Change[];
};

/** Creates and updates what the plan says, in the order in which things need each other; removals come last. */
export async function performChanges(
  performing: Performing,
  changes: readonly Change[],
): Promise<Performed> {
  const made = changes.filter(({ action }) => action === "create" || action === "update");
  const first = await inOrder(made, WRITES_AT_ONCE_MAX, (change) => carryOut(performing, change));
  const gone = changes.filter(({ action }) => action === "delete");
  if (first.failed.length > 0) {
    return { failed: first.failed, skipped: [...first.skipped, ...gone] };
  }
  return inOrder(gone, WRITES_AT_ONCE_MAX, (change) => carryOut(performing, change));
}

/** Takes away what the changes name, what needs others before those. */
export async function performRemovals(
  performing: Performing,
  changes: readonly Change[],
): Promise<Performed> {
  return inOrder(reversed(changes), WRITES_AT_ONCE_MAX, (change) => carryOut(performing, change));
}

async function carryOut(performing: Performing, change: Change): Promise<void> {
  const { drivers, now, pause, report } = performing;
  const driver = drivers[change.resource.kind];
  report({ kind: "begun", change });
  const waiting: Waiting = {
    now,
    pause,
    tell: (reason) => {
      report({ kind: "waiting", change, reason });
    },
  };
  await patiently(waiting, async () => act(driver, change));
  report({ kind: "done", change });
}

async function act(driver: Driver, { resource, action, changes, found }: Change): Promise<void> {
  switch (action) {
    case "create":
      return create(driver, resource);
    case "update":
      return driver.isBeingMade?.(found ?? {}) === true
        ? finish(driver, resource)
        : driver.update(resource, found ?? {}, changes);
    case "delete":
      return driver.remove(resource, found ?? {});
    case "unchanged":
      return undefined;
  }
}

const OWN: ReadonlySet<Owner["kind"]> = new Set(["ours", "unmarked"]);

/**
 * One that was made in the meantime, or by an attempt whose answer was lost, is brought to what is wanted.
 * @throws TransientError while it is being made: what needs it must not begin.
 */
async function create(driver: Driver, resource: Change["resource"]): Promise<void> {
  try {
    await driver.create(resource);
  } catch (error) {
    const found =
      statusOf(error) === "ALREADY_EXISTS" || statusOf(error) === "ABORTED"
        ? await driver.read(resource)
        : null;
    if (found === null || !OWN.has(driver.owner(resource, found).kind)) {
      throw error;
    }
    await settle(driver, resource, found);
  }
}

/** What an apply that was stopped began. @throws TransientError while it is being made */
async function finish(driver: Driver, resource: Change["resource"]): Promise<void> {
  const found = await driver.read(resource);
  await (found === null ? driver.create(resource) : settle(driver, resource, found));
}

async function settle(driver: Driver, resource: Change["resource"], found: Fields): Promise<void> {
  if (driver.isBeingMade?.(found) === true) {
    throw new TransientError("ABORTED", `${resource.name}: it is still being made`, null);
  }
  const changes = driver.differences(resource.fields, found);
  if (changes.length > 0) {
    await driver.update(resource, found, changes);
  }
}
