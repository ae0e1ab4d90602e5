import { expect, test } from "vitest";
import { onNotices } from "../../shared/app/notices.ts";
import type { AuditRecord } from "../../shared/domain/audit-record.ts";
import { TransientError } from "../../shared/ports/errors.ts";
import { memoryCalls } from "../support/memory-calls.ts";
import { memoryTelling } from "../support/memory-notices.ts";
import type { MemoryTelling } from "../support/memory-notices.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";
import { CHANNELS, hint, idsIn, WEB } from "../support/notice-story.ts";
import { play, PLAIN_STORY } from "../support/play.ts";

type Telling = {
  readonly told: MemoryTelling;
  /** Whoever tells people of what was published, from the first record to the last. */
  readonly tellers: Promise<unknown>[];
};

/** Has people told of each record as it is published, by a process of its own, as in an installation. */
function tellOf(memory: MemoryPorts, { told, tellers }: Telling): void {
  const { feed } = memory.ports;
  const ports = { ...memory.ports, telling: told.telling };
  const publish = async (records: readonly AuditRecord[]): Promise<void> => {
    await feed.publish(records);
    for (const { sequence, chain } of records) {
      if (chain === WEB.id) {
        tellers.push(onNotices(ports, hint(sequence)).catch(takeAgain));
      }
    }
  };
  Object.assign(memory.ports, { feed: { ...feed, publish } });
}

/** Pub/Sub would bring the message again. */
function takeAgain(error: unknown): null {
  if (error instanceof TransientError) {
    return null;
  }
  throw error;
}

/** The same story with channels that answer, or with some that never do; and when each step began and ended. */
async function stepsWith(hanging: readonly string[]): Promise<{
  readonly steps: unknown;
  readonly told: MemoryTelling;
}> {
  const telling: Telling = { told: memoryTelling(memoryCalls()), tellers: [] };
  for (const channel of hanging) {
    const never = Promise.withResolvers<never>();
    telling.told.answers.set(channel, async () => never.promise);
  }
  const memory = await play(
    {},
    {
      story: PLAIN_STORY,
      service: WEB,
      prepare: (prepared) => {
        tellOf(prepared, telling);
      },
    },
  );
  const { store } = memory.world;
  const promotions = [...store.promotions.values()];
  expect(promotions.length).toBeGreaterThan(2);
  const steps = promotions.map(({ id, createdAt, endedAt, steps: taken }) => ({
    id,
    createdAt,
    endedAt,
    taken,
  }));
  memory.patience.lapse();
  await Promise.all(telling.tellers);
  return { steps, told: telling.told };
}

test("channels that hang delay no step of a promotion by a millisecond", async () => {
  const good = await stepsWith([]);
  const hanging = await stepsWith(CHANNELS);
  expect(hanging.steps).toEqual(good.steps);
  expect(idsIn(good.told.arrived, CHANNELS[0] ?? "").length).toBeGreaterThan(5);
  expect(hanging.told.arrived).toEqual([]);
});
