import { describe, expect, test } from "vitest";

import { canonicalHash, verifyChain } from "../../shared/adapters/canonical-hash.ts";
import { pinoLog } from "../../shared/adapters/pino-log.ts";
import { randomUnique } from "../../shared/adapters/random-unique.ts";
import { requestIdOf } from "../../shared/adapters/request-id.ts";
import { systemPatience } from "../../shared/adapters/system-patience.ts";
import { duration, minutes } from "../../shared/domain/time.ts";
import { systemClock } from "../../shared/adapters/system-clock.ts";
import { EMPTY_CHAIN } from "../../shared/domain/audit-record.ts";
import { toAuditView } from "../../shared/wire/api/views.ts";
import { someFacts, someRecords } from "../support/contracts/samples.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import { present } from "../support/present.ts";

describe("the hash of a record", () => {
  const [record] = someRecords("web", EMPTY_CHAIN, someFacts(1));
  const { hash, ...content } = present(record, "a record");

  test("does not depend on the order of its fields", () => {
    const turned = Object.fromEntries(Object.entries(content).toReversed());
    expect(canonicalHash().ofRecord({ ...content, ...turned })).toBe(hash);
  });

  test("changes with any of its content", () => {
    const changed = { ...content, details: { ...content.details, tag: "other" } };
    expect(canonicalHash().ofRecord(changed)).not.toBe(hash);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("a chain of records", () => {
  const records = someRecords("web", EMPTY_CHAIN, someFacts(5)).map(toAuditView);
  const last = present(records.at(-1), "the last record");

  test("that is whole verifies, at once or in parts", () => {
    const head = { sequence: 5, hash: last.hash };
    expect(verifyChain(EMPTY_CHAIN, records)).toEqual({ ok: true, value: head });
    const part = verifyChain(EMPTY_CHAIN, records.slice(0, 2));
    const middle = part.ok ? part.value : EMPTY_CHAIN;
    expect(verifyChain(middle, records.slice(2))).toEqual({ ok: true, value: head });
  });

  const third = present(records[2], "a record");
  const forged = { ...third, by: "user:eve@example.com" };
  const foreign = { ...third, previousHash: "0".repeat(64) };
  test.for([
    ["with a gap", records.toSpliced(2, 1), 4],
    ["with a record twice", records.toSpliced(2, 0, present(records[1], "a record")), 2],
    ["that does not begin", records.slice(1), 2],
    ["with a changed record", records.toSpliced(2, 1, forged), 3],
    ["with another record in between", records.toSpliced(2, 1, foreign), 3],
  ] as const)("%s does not", ([, broken, sequence]) => {
    expect(verifyChain(EMPTY_CHAIN, broken)).toMatchObject({ ok: false, refusal: { sequence } });
  });
});

describe.each([
  ["random", randomUnique()],
  ["in memory", memoryPorts().ports.unique],
])("names that are %s", (_, unique) => {
  test("are eight or more lower-case letters and digits, and new each time", () => {
    const names = Array.from({ length: 1000 }, () => unique.next());
    expect(names.filter((name) => !/^[a-z0-9]{8,}$/.test(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("a request id", () => {
  test("is the same UUID for the same request, and another for another", () => {
    const id = requestIdOf("releases/r-1", { image: "web" });
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(requestIdOf("releases/r-1", { image: "web" })).toBe(id);
    expect(requestIdOf("releases/r-2", { image: "web" })).not.toBe(id);
    expect(requestIdOf("releases/r-1", { image: "docs" })).not.toBe(id);
  });
});

describe("the log", () => {
  test("writes lines that Cloud Logging reads: severity, message, time and fields", () => {
    const lines: string[] = [];
    const log = pinoLog({ write: (line) => lines.push(line) });
    log.info("release created", { release: "r-1", count: 2 });
    log.warn("effect postponed", { tag: null });
    log.error("effect failed", { isLast: true });
    const written: unknown[] = lines.map((line): unknown => JSON.parse(line));
    expect(written).toMatchObject([
      { severity: "INFO", message: "release created", release: "r-1", count: 2 },
      { severity: "WARNING", message: "effect postponed", tag: null },
      { severity: "ERROR", message: "effect failed", isLast: true },
    ]);
    expect(written.filter((line) => !/"time":"\d{4}-.*Z"/.test(JSON.stringify(line)))).toEqual([]);
  });
});

test("a line of the log stays one, whatever its fields hold", () => {
  const lines: string[] = [];
  const reason = "a\nb\u{1B}[2J\u{9B}2J\u{2028}c\u{202E}d\u{200B}";
  pinoLog({ write: (line) => lines.push(line) }).error("effect failed", { reason });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^[\x20-\x7e]+\n$/);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ reason });
});

describe("the system's clock", () => {
  test("tells the machine's time and does not go back", () => {
    const clock = systemClock();
    const before = Date.now();
    const now = clock.now();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(clock.now()).toBeGreaterThanOrEqual(now);
  });
});

describe("the system's patience", () => {
  test("gives what comes in time", async () => {
    await expect(systemPatience().within(minutes(1), async () => "an answer")).resolves.toBe(
      "an answer",
    );
  });

  test("ends when the time is over, in a way that may pass", async () => {
    const waiting = systemPatience().within(duration(1), async () => new Promise(() => {}));
    await expect(waiting).rejects.toMatchObject({
      name: "TransientError",
      status: "DEADLINE_EXCEEDED",
    });
  });
});
