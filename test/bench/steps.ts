import { asPromotionId, serviceId } from "../../shared/domain/ids.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import { present } from "../support/present.ts";
import { STORY, STORY_SPEC } from "../support/story-spec.ts";
import { ask } from "../support/story-views.ts";
import { openStoryWorld } from "../support/story-world.ts";
import type { StoryWorld } from "../support/story-world.ts";
import { aimed, told } from "./figure.ts";
import type { Figure } from "./figure.ts";

const OPERATIONS = "reads+writes";

/** The most that a step should read and write. */
const STEP_OPERATIONS_MAX = 10;

const MINUTE_MS = 60_000;

/** How long the promotion may take by its own clock. */
const MINUTES_MAX = 360;

const PROMOTE = `/v1/services/${STORY}/environments/prod:promote`;

/** What is read and written while a promotion stands at a step. */
type Cost = { readonly reads: number; readonly writes: number };

const NOTHING: Cost = { reads: 0, writes: 0 };

/** What was counted: by step, what happened at it, and the ticks that found something; and the ticks that did not. */
type Count = {
  readonly steps: Map<string, Cost>;
  readonly strikes: string[];
  readonly idle: Cost[];
};

/**
 * What the steps of a promotion into a guarded production read and write in Firestore, as it is billed: an
 * approval, a soak, a window, two backups, a migration, a canary, watching. A clock is moved by hand. What each
 * tick reads anyway is told apart.
 */
export async function measureSteps(): Promise<readonly Figure[]> {
  const world = await openStoryWorld();
  try {
    await world.apply(STORY_SPEC);
    await world.push(STORY, "v1");
    await world.pass(10_000);
    const count: Count = { steps: new Map(), strikes: [], idle: [] };
    let id = "";
    await spend(world, count, async () => {
      id = await ask(world, "deployer", { line: PROMOTE, body: {} });
    });
    await spend(world, count, async () => {
      await ask(world, "approver", { line: `/v1/promotions/${id}:approve`, body: {} });
    });
    for (let minute = 1; minute <= MINUTES_MAX; minute += 1) {
      await spend(world, count, async () => {
        await world.clock.advance(MINUTE_MS);
        await world.cloud.emulators.pubsub.idle();
      });
      await strike(world, count);
      if ((await promotionInProd(world)) === null) {
        const { steps } = present(await world.ports.store.promotion(asPromotionId(id)), id);
        return toFigures(count, steps.length);
      }
    }
    throw new Error(`the promotion did not end within ${MINUTES_MAX} minutes`);
  } finally {
    await world.close();
  }
}

/** Lets something happen, and counts it for the step at which the promotion stood. */
async function spend(
  world: StoryWorld,
  { steps }: Count,
  happen: () => Promise<void>,
): Promise<void> {
  const step = stepOf(await promotionInProd(world));
  add(steps, step, await costOf(world, happen));
}

/** Lets the minute strike. */
async function strike(world: StoryWorld, { steps, strikes, idle }: Count): Promise<void> {
  const step = stepOf(await promotionInProd(world));
  const cost = await costOf(world, async () => {
    world.cloud.tick("minute");
    await world.cloud.emulators.pubsub.idle();
  });
  if (cost.writes === 0) {
    idle.push(cost);
  } else {
    strikes.push(step);
    add(steps, step, cost);
  }
}

function add(steps: Map<string, Cost>, step: string, cost: Cost): void {
  const before = steps.get(step) ?? NOTHING;
  steps.set(step, { reads: before.reads + cost.reads, writes: before.writes + cost.writes });
}

async function costOf({ cloud }: StoryWorld, happen: () => Promise<void>): Promise<Cost> {
  const before = cloud.emulators.firestore.usage();
  await happen();
  const after = cloud.emulators.firestore.usage();
  return { reads: after.reads - before.reads, writes: after.writes - before.writes };
}

async function promotionInProd({ ports }: StoryWorld): Promise<Promotion | null> {
  const seen = await ports.store.read(serviceId(STORY));
  const prod = seen?.state.environments["prod"];
  return prod?.active ?? prod?.waiting[0] ?? null;
}

/** Gates and approval are waited through together. */
function stepOf(promotion: Promotion | null): string {
  const running = promotion?.steps.find((step) => step.state === "RUNNING");
  return promotion?.state === "RUNNING" && running !== undefined
    ? running.name
    : "gates and approval";
}

function toFigures({ steps, strikes, idle }: Count, stepCount: number): readonly Figure[] {
  const reads = Math.max(0, ...idle.map((cost) => cost.reads));
  let total = 0;
  const figures = [...steps]
    .filter(([, cost]) => cost.reads + cost.writes > 0)
    .map(([step, cost]) => {
      const own = cost.reads - reads * strikes.filter((struck) => struck === step).length;
      total += own + cost.writes;
      const note = `${own} reads, ${cost.writes} writes`;
      return told(`Firestore, ${step}`, own + cost.writes, OPERATIONS, note);
    });
  const mean = aimed("Firestore, a step of a guarded promotion", total / stepCount, {
    unit: OPERATIONS,
    target: STEP_OPERATIONS_MAX,
    note: `${total} for ${stepCount} steps, with two backups; what ticks read anyway is the next line`,
  });
  const waiting = told("Firestore, a tick while it waits", reads, OPERATIONS, "reads");
  return [...figures, mean, waiting];
}
