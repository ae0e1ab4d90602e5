import type { ChainHead } from "../domain/checkpoint.ts";
import type { TickKind } from "../domain/control.ts";
import type { ServiceEvent } from "../domain/event.ts";
import type { ServiceId } from "../domain/ids.ts";
import { environmentState } from "../domain/state.ts";
import type { ServiceState } from "../domain/state.ts";
import type { Ports } from "../ports/ports.ts";
import type { SeenService } from "../ports/store.ts";
import { NO_HISTORY } from "./aggregate.ts";
import { refuseBroken, sweepServices } from "./each-service.ts";
import type { Sweep } from "./each-service.ts";
import { lookForForeignRollouts } from "./foreign-rollout.ts";
import { handleSeen } from "./handle.ts";
import { tellControl } from "./handle-control.ts";
import type { ToldControl } from "./handle-control.ts";
import { lookForImages } from "./look-for-images.ts";
import { gather, looksAtService } from "./observe.ts";
import { lookAtOldBackups } from "./old-backups.ts";
import { decided } from "./outcome.ts";
import type { Outcome } from "./outcome.ts";
import { lookAtRunning } from "./running.ts";
import { logSlowWork } from "./slow-work.ts";
import { NOTHING_STANDS, withService } from "./standing.ts";
import { eachService } from "./service-pages.ts";
import { takeDue } from "./take-due.ts";

/**
 * Looks at the world afresh, in case a message was lost or late: each minute at everything in flight,
 * each hour also at every registry and at what really runs, each day at what has become old.
 * @throws PermanentError, once all the others were looked at, when a service or the control document is broken;
 * TransientError when there was no time for all, so that the tick comes again: what was looked at is quickly done then.
 */
export async function onTick(ports: Ports, kind: TickKind): Promise<Outcome> {
  const { told, swept } = await sweepInTurn(ports, kind);
  const untaken = await takeDue(ports, swept.due);
  refuseBroken(swept);
  if (untaken !== null) {
    throw untaken;
  }
  if (told.kind === "unreadable") {
    throw told.error;
  }
  return decided(`${kind}: ${swept.visited} services visited`);
}

/**
 * A sweep that begins where the last one had no more time: whoever is slow at the front does not keep those behind from
 * being looked at for ever.
 */
export async function sweepInTurn(
  ports: Ports,
  kind: TickKind,
): Promise<{ readonly told: ToldControl; readonly swept: TickSweep }> {
  const told = await tellControl(ports, { kind: "tick" });
  const from = told.kind === "told" ? told.state.resume[kind] : "";
  const swept = await sweep(ports, kind, from);
  if (swept.resume !== from) {
    await tellControl(ports, { kind: "sweep-ended", tick: kind, resume: swept.resume });
  }
  if (swept.heads.length > 0) {
    await tellControl(ports, { kind: "checkpoint", heads: swept.heads });
  }
  return { told, swept };
}

/** How a tick's sweep ended. */
type TickSweep = Sweep & {
  /** The page at which the next one goes on: empty if the time sufficed. */
  readonly resume: string;
  /** Where the chains of the services ended, by their names: each hour, for the record. */
  readonly heads: readonly ChainHead[];
  /** The services of which something is not in the sums yet: each minute. */
  readonly due: readonly ServiceId[];
};

/** The tick's look at every service that it is for, each for itself, beginning at a page. */
async function sweep(ports: Ports, kind: TickKind, from: string): Promise<TickSweep> {
  const visits = { minute: visitInFlight, hour: visitHourly, day: visitDaily };
  const isWhole = kind !== "minute";
  const heads: ChainHead[] = [];
  const due: ServiceId[] = [];
  let standing = NOTHING_STANDS;
  const visit = async (listed: SeenService, own: Ports): Promise<void> => {
    if (kind === "hour") {
      heads.push({ chain: listed.state.service.id, ...listed.chain.head });
    }
    if (kind === "minute" && listed.due.length > 0) {
      due.push(listed.state.service.id);
    }
    standing = withService(standing, listed, own.clock.now());
    const seen = await findable(own, listed);
    return seen.state.removedAt === null ? visits[kind](own, seen) : finish(own, seen);
  };
  let resume = from;
  // A page that takes all the time is not begun with again: what is left of it comes after all others.
  const reached = (pageToken: string, next: string): void => {
    resume = pageToken === from ? next : pageToken;
  };
  const listed = eachService(ports, { inFlight: !isWhole, from, reached });
  const swept = await sweepServices(ports, listed, { visit, isWhole });
  if (!isWhole && !swept.isCut && from === "") {
    ports.telemetry.stands(standing);
  }
  heads.sort((one, other) => (one.chain < other.chain ? -1 : 1));
  return { ...swept, resume: swept.isCut ? resume : "", heads, due };
}

/** Stores a service as it is if queries of this version cannot find it: an earlier version left it. */
async function findable(ports: Ports, seen: SeenService): Promise<SeenService> {
  const stored = seen.isFindable
    ? null
    : await ports.store.commit(seen, { aggregate: seen, history: NO_HISTORY });
  return stored ?? seen;
}

/** Of a service that was removed, only what was decided before is done. */
async function finish(ports: Ports, seen: SeenService): Promise<void> {
  await handleSeen(ports, seen, []);
}

async function visitInFlight(ports: Ports, seen: SeenService): Promise<void> {
  logSlowWork(ports, seen);
  await decideOnLooks(ports, seen, { looks: [], besides: [] });
}

async function visitHourly(ports: Ports, seen: SeenService): Promise<void> {
  await lookForImages(ports, seen);
  await decideOnLooks(ports, seen, { looks: [lookAtTargets(ports, seen.state)], besides: [] });
}

async function visitDaily(ports: Ports, seen: SeenService): Promise<void> {
  const { state } = seen;
  const looks = state.service.environments.map(async (environment) =>
    lookAtOldBackups(ports, state, environment),
  );
  await decideOnLooks(ports, seen, { looks, besides: [{ kind: "day-began" }] });
}

type Further = {
  readonly looks: readonly Promise<readonly ServiceEvent[]>[];
  readonly besides: readonly ServiceEvent[];
};

/** Looks at what is under way and at what else there is to see, and decides on all that it shows at once. */
async function decideOnLooks(
  ports: Ports,
  seen: SeenService,
  { looks, besides }: Further,
): Promise<void> {
  const { events, failures } = await gather([...looksAtService(ports, seen.state), ...looks]);
  await handleSeen(ports, seen, [...events, { kind: "tick" }, ...besides]);
  if (failures.length > 0) {
    throw failures[0];
  }
}

/** Compares what runs with what is recorded, and looks for rollouts of others of which no notification came. */
async function lookAtTargets(ports: Ports, state: ServiceState): Promise<readonly ServiceEvent[]> {
  const events: ServiceEvent[] = [];
  for (const environment of state.service.environments) {
    const { current } = environmentState(state, environment.id);
    if (current !== null) {
      events.push(...(await lookForForeignRollouts(ports, state, environment)));
      events.push(await lookAtRunning(ports, environment));
    }
  }
  return events;
}
