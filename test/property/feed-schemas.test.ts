import fc from "fast-check";
import { expect, test } from "vitest";
import { AUDIT_DETAILS } from "../../shared/domain/audit-details.ts";
import type { AuditRecord } from "../../shared/domain/audit-record.ts";
import { minutes } from "../../shared/domain/time.ts";
import { toAuditMessage } from "../../shared/wire/audit-message.ts";
import { brokenBySchema } from "../support/feed-schemas.ts";
import { FEED_STORIES, tellFeedStory } from "../support/feed-stories.ts";
import { guardedStorms } from "../support/guarded-arbitraries.ts";
import { aGuardedPolicy, aGuardedService, furnish } from "../support/guarded-service.ts";
import { NEIGHBOUR } from "../support/hostile-storm.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import { runs } from "../support/runs.ts";
import { comeToRest, happen, install } from "../support/storm.ts";
import type { Happening } from "../support/storm.ts";

/** How many different messages the storms have to bring. */
const MESSAGES_MIN = 500;

/** What a storm publishes about a guarded service. */
async function storm(happenings: readonly Happening[]): Promise<readonly AuditRecord[]> {
  const memory = memoryPorts();
  furnish(memory);
  const policy = { ...aGuardedPolicy(minutes(60)), promotion: "automatic" as const };
  await install(memory.ports, aGuardedService(policy));
  await install(memory.ports, NEIGHBOUR);
  for (const happening of happenings) {
    await happen(memory, happening);
  }
  memory.calls.outages.clear();
  await comeToRest(memory);
  return memory.world.published;
}

/** The bodies of records' messages, each once. */
function bodiesOf(records: readonly AuditRecord[]): readonly string[] {
  return [...new Set(records.map((record) => toAuditMessage(record, "slipway").body))];
}

test("500 messages of the storms and more are valid by every schema that they have", async () => {
  const bodies = new Set<string>();
  await fc.assert(
    fc.asyncProperty(guardedStorms, async (happenings) => {
      const own = bodiesOf(await storm(happenings));
      expect(own.flatMap(brokenBySchema)).toEqual([]);
      own.forEach((body) => bodies.add(body));
    }),
    { numRuns: runs(40) },
  );
  expect(bodies.size).toBeGreaterThanOrEqual(MESSAGES_MIN);
});

test("a message of every kind is valid by every schema that it has", async () => {
  const records: AuditRecord[] = [];
  for (const name of FEED_STORIES) {
    records.push(...(await tellFeedStory(name)).world.published);
  }
  expect(bodiesOf(records).flatMap(brokenBySchema)).toEqual([]);
  const kinds = new Set<string>(records.map(({ kind }) => kind));
  expect(Object.keys(AUDIT_DETAILS).filter((kind) => !kinds.has(kind))).toEqual([]);
});
