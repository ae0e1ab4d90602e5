import type { ServiceFailure } from "../domain/control.ts";
import type { ServiceId } from "../domain/ids.ts";
import { duration } from "../domain/time.ts";
import type { Duration } from "../domain/time.ts";
import { PermanentError, TransientError, UnreadableError } from "../ports/errors.ts";
import type { Ports } from "../ports/ports.ts";
import type { ListedService, SeenService } from "../ports/store.ts";
import { withDeadline } from "./deadline.ts";
import { tellControl } from "./handle-control.ts";

/** How long one service is waited for before the others go on without it. */
export const VISIT_MAX: Duration = duration(30_000);

/** How many services are visited at once. */
const AT_ONCE_MAX = 50;

/** How many services an error names. */
const NAMED_MAX = 10;

/** Services that are visited: in a list, or page by page. */
type Listed = AsyncIterable<ListedService> | Iterable<ListedService>;

/** A visit, with ports whose deadline is the visit's: what it leaves undone, another one does. */
type Visit<Value> = (seen: SeenService, ports: Ports) => Promise<Value>;

/** How a visit ended. */
type End<Value> =
  | { readonly kind: "done"; readonly value: Value }
  | { readonly kind: "failed"; readonly service: ServiceId; readonly error: unknown };

type Failed = Extract<End<unknown>, { kind: "failed" }>;

/** A sweep over all services, or over those that have something under way. */
export type Sweep = {
  readonly visited: number;
  /** The services that cannot be read or decided on, which somebody has to look at. */
  readonly broken: readonly ServiceFailure[];
  /** Whether the time was over before all were visited. */
  readonly isCut: boolean;
};

/**
 * Visits services, each for itself: one that cannot be read, decided on or reached, or that takes too long, keeps no
 * other from being visited. What is broken is logged and recorded. `isWhole`: all services are among them.
 */
export async function sweepServices(
  ports: Ports,
  listed: Listed,
  { visit, isWhole }: { readonly visit: Visit<void>; readonly isWhole: boolean },
): Promise<Sweep> {
  const { ends, isCut } = await visitEach(ports, listed, visit);
  const failed = ends.filter(isFailed);
  for (const { service, error } of failed) {
    if (isOutside(error)) {
      ports.log.warn("service not swept", { service, cause: error.message });
    }
  }
  const broken = brokenOf(failed);
  await tellBroken(ports, broken, isWhole && !isCut);
  return { visited: ends.length - failed.length, broken, isCut };
}

/**
 * The same for a message that concerns some services: those that can be reached are, before it fails for the others.
 * @throws what keeps one of them from it: the first that may pass, so that the message comes again, or a document of a
 * later version, so that an instance of that version gets it. It also comes again when the time is over before all were
 * reached: those that were are quickly done then.
 */
export async function reachEach<Value>(
  ports: Ports,
  listed: Listed,
  visit: Visit<Value>,
): Promise<readonly Value[]> {
  const { ends, isCut } = await visitEach(ports, listed, visit);
  const failed = ends.filter(isFailed);
  await tellBroken(ports, brokenOf(failed), false);
  const passing = failed.find(({ error }) => error instanceof TransientError || isOfNewer(error));
  const bug = failed.find(({ error }) => !isOutside(error));
  const worst = passing ?? bug ?? failed[0];
  if (worst !== undefined) {
    throw worst.error;
  }
  if (isCut) {
    throw new TransientError("DEADLINE_EXCEEDED", `only ${ends.length} services were reached`);
  }
  return ends.flatMap((end) => (end.kind === "done" ? [end.value] : []));
}

/**
 * @throws PermanentError, which is logged as an error, if a service is broken: a repeat would not help. TransientError
 * if there was no time for all: it comes again, and what was visited is quickly done then.
 */
export function refuseBroken({ visited, broken, isCut }: Sweep): void {
  if (isCut) {
    const message = `${visited} services were visited when the time was over`;
    throw new TransientError("DEADLINE_EXCEEDED", message);
  }
  if (broken.length > 0) {
    const named = broken.slice(0, NAMED_MAX).map(({ service, reason }) => `${service} ${reason}`);
    const more = broken.length > NAMED_MAX ? [`and ${broken.length - NAMED_MAX} more`] : [];
    const message = `${visited} services were visited, ${broken.length} could not be: ${[...named, ...more].join("; ")}`;
    throw new PermanentError("DATA_LOSS", message);
  }
}

type Visited<Value> = { readonly ends: readonly End<Value>[]; readonly isCut: boolean };

/** Visits so many at once, as long as there is time; how each ended, in the order of the list. */
async function visitEach<Value>(
  ports: Ports,
  listed: Listed,
  visit: Visit<Value>,
): Promise<Visited<Value>> {
  const ends: End<Value>[] = [];
  async function keep(visiting: Promise<End<Value>>, place: number): Promise<void> {
    ends[place] = await visiting;
  }
  const running = new Set<Promise<void>>();
  let count = 0;
  let isCut = false;
  for await (const found of listed) {
    if (running.size >= AT_ONCE_MAX) {
      await Promise.race(running);
    }
    if (ports.deadline.isPast()) {
      isCut = true;
      break;
    }
    const place = count;
    count += 1;
    const visiting = visitOne(ports, found, visit);
    const kept = keep(visiting, place).finally(() => running.delete(kept));
    running.add(kept);
  }
  await Promise.all(running);
  return { ends, isCut };
}

async function visitOne<Value>(
  ports: Ports,
  found: ListedService,
  visit: Visit<Value>,
): Promise<End<Value>> {
  if (found.kind === "unreadable") {
    const { service, reason, isNewer } = found;
    const error = new UnreadableError(`services/${service}`, reason, isNewer);
    return { kind: "failed", service, error };
  }
  const service = found.seen.state.service.id;
  try {
    const value = await ports.patience.within(VISIT_MAX, async () =>
      visit(found.seen, withDeadline(ports, VISIT_MAX)),
    );
    return { kind: "done", value };
  } catch (error) {
    if (!isOutside(error)) {
      const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
      ports.log.error("service not decided on", { service, cause });
    }
    return { kind: "failed", service, error };
  }
}

function isOfNewer(error: unknown): boolean {
  return error instanceof UnreadableError && error.isNewer;
}

function isFailed(end: End<unknown>): end is Failed {
  return end.kind === "failed";
}

/** Whether the outside failed, and not what is kept of the service or our own code. */
function isOutside(error: unknown): error is TransientError | PermanentError {
  return error instanceof TransientError || error instanceof PermanentError;
}

function brokenOf(failed: readonly Failed[]): readonly ServiceFailure[] {
  return failed.flatMap(({ service, error }) => {
    if (error instanceof UnreadableError) {
      return [{ service, reason: `cannot be read: ${error.reason}` }];
    }
    const reason = error instanceof Error ? error.message : String(error);
    return isOutside(error) ? [] : [{ service, reason: `cannot be decided on: ${reason}` }];
  });
}

async function tellBroken(
  ports: Ports,
  failed: readonly ServiceFailure[],
  isWhole: boolean,
): Promise<void> {
  if (failed.length > 0 || isWhole) {
    await tellControl(ports, { kind: "services-failed", failed, isWhole });
  }
}
