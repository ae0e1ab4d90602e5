import { PermanentError, TransientError } from "../../shared/ports/errors.ts";
import { withDeadline } from "../../shared/app/deadline.ts";
import type { Service } from "../../shared/domain/service.ts";
import { isInFlight } from "../../shared/domain/state.ts";
import type { Duration } from "../../shared/domain/time.ts";
import { aService } from "./builders.ts";
import { ProcessStopped } from "./memory-calls.ts";
import { memoryPorts } from "./memory-ports.ts";
import type { MemoryOptions, MemoryPorts } from "./memory-ports.ts";
import { happen, install } from "./storm.ts";
import type { Happening } from "./storm.ts";

/**
 * How often a message is delivered, a minute apart: more often than calls of a story can fail, as Pub/Sub goes on for
 * days. With fewer a push could be lost for good, which no tick of a minute makes up for.
 */
const DELIVERIES_MAX = 100;

/** Delivers as the platform does: again, a minute later, until it is taken. */
export async function deliver(
  memory: MemoryPorts,
  happening: Happening,
  workMax?: Duration,
): Promise<void> {
  for (let delivery = 1; delivery <= DELIVERIES_MAX; delivery += 1) {
    const { ports } = memory;
    const timed = workMax === undefined ? ports : withDeadline(ports, workMax);
    try {
      await happen({ ...memory, ports: timed }, happening);
      return;
    } catch (error) {
      const isExpected =
        error instanceof TransientError ||
        error instanceof PermanentError ||
        error instanceof ProcessStopped;
      if (!isExpected) {
        throw error;
      }
      memory.calls.restart();
      memory.clock.advance(61_000);
    }
  }
}

/** Two pushes to dev, the second promoted to prod with a canary: every effect that there is but cancelling. */
export const PLAIN_STORY: readonly Happening[] = [
  { kind: "push", image: 1 },
  { kind: "roll", isNotified: true },
  { kind: "push", image: 2 },
  { kind: "roll", isNotified: true },
  { kind: "promote", environment: "prod", isGlassBroken: false },
  { kind: "roll", isNotified: true },
];

/** What happens, and whether it happens without a rest in between. */
export type Play = {
  readonly story: readonly Happening[];
  readonly isRushed?: boolean;
  /** Default: `web` with dev and prod, neither asking for anything. */
  readonly service?: Service;
  /** How long one message is worked on. Default: as long as it takes. */
  readonly workMax?: Duration;
  /** Sets up the world before the service is installed. */
  readonly prepare?: (memory: MemoryPorts) => void;
};

/** Installs in calm, then lets the story happen, each part to its rest: the faults fall where they fall. */
export async function play(
  options: MemoryOptions,
  { story, isRushed = false, service = aService(), workMax, prepare = () => {} }: Play,
): Promise<MemoryPorts> {
  const memory = memoryPorts(options);
  memory.world.cloudDeploy.phases.set("web-prod-us-central1", ["canary-50", "stable"]);
  prepare(memory);
  await install(memory.ports, service);
  for (const happening of story) {
    await deliver(memory, happening, workMax);
    if (!isRushed) {
      await rest(memory, workMax);
    }
  }
  await rest(memory, workMax);
  return memory;
}

/** Lets time pass until nothing is in flight; a tick that fails is followed by the next. */
async function rest(memory: MemoryPorts, workMax?: Duration): Promise<void> {
  const ROUNDS = 12;
  for (let round = 1; round <= ROUNDS; round += 1) {
    memory.clock.advance(11 * 60_000);
    memory.cloudDeploy.finishAll();
    memory.backups.finishAll();
    memory.jobs.finishAll();
    await deliver(memory, { kind: "tick", hand: "minute" }, workMax);
    if (isQuiet(memory)) {
      return;
    }
  }
}

/** Whether a further tick would find nothing in flight: nothing open, nothing to do, everything published. */
function isQuiet({ world }: MemoryPorts): boolean {
  return [...world.store.services.values()].every(
    ({ state, outbox, chain }) =>
      !isInFlight(state) && outbox.length === 0 && chain.published === chain.head.sequence,
  );
}

/** The parts of the world that must come out the same: no times, no attempts. */
export function outcome({ world }: MemoryPorts): unknown {
  const services = [...world.store.services.values()].map(({ state }) => state.environments);
  return {
    deployed: services.map((environments) =>
      Object.entries(environments).map(([id, { current }]) => [id, current?.release]),
    ),
    promotions: [...world.store.promotions.values()]
      .map(({ id, state }) => `${id} ${state}`)
      .toSorted(),
    executions: world.jobs.executions.map(({ mark, state }) => `${mark} ${state}`).toSorted(),
    restores: world.backups.restores.map(({ mark, state }) => `${mark} ${state}`).toSorted(),
    backups: world.backups.backups.map(({ mark, state }) => `${mark} ${state}`).toSorted(),
    releases: [...world.cloudDeploy.releases.keys()].toSorted(),
    running: Object.fromEntries(world.cloudDeploy.running),
  };
}
