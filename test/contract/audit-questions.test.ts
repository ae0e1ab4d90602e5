import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AuditRecord } from "../../shared/domain/audit-record.ts";
import { toAuditView } from "../../shared/wire/api/views.ts";
import { toAuditMessage } from "../../shared/wire/audit-message.ts";
import { FEED_STORIES, tellFeedStory } from "../support/feed-stories.ts";

const GUIDE = new URL("../../docs/guides/audit-bigquery.md", import.meta.url);

/** The statements of the guide, in their order. */
const [VIEW = "", BROKE_GLASS = "", FAILURES = "", WITHOUT_BACKUP = ""] = [
  ...readFileSync(GUIDE, "utf8").matchAll(/```sql\n(?<sql>.*?)```/gs),
].map(({ groups }) => groups?.["sql"] ?? "");

let database: DatabaseSync;
let records: readonly AuditRecord[];

beforeAll(async () => {
  // Each story is of a service of its own, as a table has the records of many.
  const stories = await Promise.all(
    FEED_STORIES.map(async (name, index) => {
      const { published } = (await tellFeedStory(name)).world;
      return published.map((record) => inService(record, index));
    }),
  );
  records = stories.flat();
  database = new DatabaseSync(":memory:");
  database.exec("ATTACH ':memory:' AS audit; CREATE TABLE audit.messages (data TEXT)");
  database.function("JSON_VALUE", (json, path) => {
    const value = at(json, path);
    return typeof value === "string" || typeof value === "number" ? String(value) : null;
  });
  database.function("JSON_QUERY", (json, path) => {
    const value = at(json, path);
    return value === undefined ? null : JSON.stringify(value);
  });
  const insert = database.prepare("INSERT INTO audit.messages VALUES (?)");
  for (const record of [...records, ...records.slice(0, 50)]) {
    insert.run(toAuditMessage(record, "slipway").body);
  }
  database.exec(VIEW);
});

afterAll(() => {
  database.close();
});

/** The record of a service of that number. */
function inService(record: AuditRecord, number: number): AuditRecord {
  const chain = `${record.chain}-${number}`;
  return { ...record, chain, id: `${chain}-${record.sequence}` };
}

/** What is at a path such as `$.data.id`, as BigQuery reads it; undefined where there is nothing. */
function at(json: unknown, path: unknown): unknown {
  let value: unknown = typeof json === "string" ? JSON.parse(json) : undefined;
  for (const name of String(path).split(".").slice(1)) {
    const isThere = typeof value === "object" && value !== null;
    value = isThere ? new Map<string, unknown>(Object.entries(value ?? {})).get(name) : undefined;
  }
  return value;
}

function answers(question: string): readonly unknown[] {
  return database
    .prepare(question)
    .all()
    .map((row) => Object.values(row));
}

function deployedToProd(): readonly AuditRecord[] {
  return records.filter(
    ({ kind, environment }) => kind === "release.deployed" && environment === "prod",
  );
}

function has(kind: string, one: AuditRecord): boolean {
  return records.some(
    (record) =>
      record.kind === kind && record.chain === one.chain && record.promotion === one.promotion,
  );
}

test("a record is in the view once, as the feed has it", () => {
  const rows = answers("SELECT id, sequence, kind, actor, record FROM audit.records");
  expect(rows).toHaveLength(records.length);
  const [record] = records;
  const view = record === undefined ? null : toAuditView(record);
  const row = rows.find((cells) => Array.isArray(cells) && cells[0] === view?.id);
  expect(row).toEqual([view?.id, view?.sequence, view?.kind, view?.by, JSON.stringify(view)]);
});

test("who broke glass, and why", () => {
  const broken = records.filter(({ kind }) => kind === "gates.broken");
  expect(broken.length).toBeGreaterThan(0);
  expect(answers(BROKE_GLASS)).toEqual(
    broken.map((record) => {
      const { time, service, environment, by, reason, details } = toAuditView(record);
      return [time, service, environment, by, reason, details["gates"]];
    }),
  );
});

test("what share of the changes to production failed, by service and month", () => {
  const forward = deployedToProd().filter(
    ({ details }) => details["kind"] !== "rollback" && details["kind"] !== "restore",
  );
  const services = [...new Set(forward.map(({ chain }) => chain))].toSorted();
  const expected = services.map((service) => {
    const own = forward.filter(({ chain }) => chain === service);
    const failed = own.filter((one) => has("promotion.failed", one)).length;
    const percent = Math.round((1000 * failed) / own.length) / 10;
    return [service, "2026-11", own.length, failed, percent];
  });
  expect(answers(FAILURES)).toEqual(expected);
  expect(expected.some(([, , , failed]) => failed !== 0)).toBe(true);
  expect(expected.some(([, , , failed]) => failed === 0)).toBe(true);
});

test("which releases reached production without a backup of their own", () => {
  const without = deployedToProd().filter((one) => !has("backup.finished", one));
  const rows = answers(WITHOUT_BACKUP);
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.length).toBeLessThan(deployedToProd().length);
  expect(new Set(rows)).toEqual(
    new Set(
      without.map((record) => {
        const { time, service, release, promotion } = toAuditView(record);
        return [time, service, release, promotion];
      }),
    ),
  );
});
