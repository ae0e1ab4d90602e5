import { describe, expect, test } from "vitest";
import { BREAKABLE } from "../../shared/domain/gates/verdict.ts";
import type { BreakGlass } from "../../shared/domain/promotion.ts";
import type { BreakableGate } from "../../shared/domain/gates/verdict.ts";
import { blocking, closedText } from "../../shared/domain/gates/judge.ts";
import { READING_MAX } from "../../shared/domain/gates/incident.ts";
import { asPromotionId, environmentId, holdId, serviceId } from "../../shared/domain/ids.ts";
import type { Hold } from "../../shared/domain/hold.ts";
import type { Incident } from "../../shared/domain/incident.ts";
import { instant } from "../../shared/domain/time.ts";
import { START } from "../support/builders.ts";
import { aPromotion, reportsOn, verdictOf } from "../support/gate-case.ts";

const MINUTE_MS = 60_000;

describe("the gate hold", () => {
  test.each([
    ["a millisecond before its end", MINUTE_MS - 1, "CLOSED"],
    ["at its end", MINUTE_MS, "OPEN"],
    ["after its end", MINUTE_MS + 1, "OPEN"],
  ])("with a hold %s", (_, atMs, kind) => {
    const holds = [aHold("prod", START + MINUTE_MS)];
    expect(verdictOf("hold", { state: { holds }, atMs }).kind).toBe(kind);
  });

  test.each([
    ["two with ends, the later one", [1, 2], START + 2 * MINUTE_MS],
    ["one without an end, nothing", [1, null], null],
  ])("opens by itself with %s", (_, ends, opensAt) => {
    const holds = ends.map((end) => aHold("prod", end === null ? null : START + end * MINUTE_MS));
    expect(verdictOf("hold", { state: { holds } })).toMatchObject({ kind: "CLOSED", opensAt });
  });

  test("a hold on another environment leaves it open, one on everything does not", () => {
    expect(verdictOf("hold", { state: { holds: [aHold("dev", null)] } }).kind).toBe("OPEN");
    const all: Hold = { ...aHold("prod", null), scope: { kind: "all" } };
    expect(verdictOf("hold", { state: { globalHolds: [all] } }).kind).toBe("CLOSED");
  });
});

describe("the gate window", () => {
  const policy = { windows: { timeZone: "UTC", weekly: [], freezes: [] } };
  const opensAt = instant(START + MINUTE_MS);
  const shut = { kind: "closed" as const, reason: "frozen: year's end", opensAt };

  test.each([
    ["no windows at all", {}, {}, { kind: "OPEN" }],
    ["an open one", policy, { prod: { kind: "open" as const } }, { kind: "OPEN" }],
    ["a closed one", policy, { prod: shut }, { kind: "CLOSED", reason: shut.reason, opensAt }],
    ["a calendar that was not read", policy, {}, { kind: "CLOSED", opensAt: null }],
    [
      "a closed one of another environment",
      policy,
      { dev: shut, prod: { kind: "open" as const } },
      { kind: "OPEN" },
    ],
  ])("with %s", (_, parts, windows, verdict) => {
    expect(verdictOf("window", { policy: parts, state: { windows } })).toMatchObject(verdict);
  });
});

describe("the gate incident", () => {
  const policy = { alerts: { block: ["CRITICAL" as const], warn: ["WARNING" as const] } };

  test.each([
    ["none", [], "OPEN"],
    ["one of a severity that blocks", ["CRITICAL"], "CLOSED"],
    ["one of a severity that only warns", ["WARNING"], "WARNING"],
    ["one of a severity that is not named", ["ERROR"], "OPEN"],
    ["one of a severity that is not known, which counts as the worst", ["UNKNOWN"], "CLOSED"],
    ["one that warns and one that blocks", ["WARNING", "CRITICAL"], "CLOSED"],
  ] as const)("with %s open", (_, severities, kind) => {
    expect(verdictOf("incident", { policy, prod: { incidents: read(severities) } }).kind).toBe(
      kind,
    );
  });

  test.each([
    ["at its greatest age", READING_MAX, "OPEN"],
    ["a millisecond older", READING_MAX + 1, "CLOSED"],
  ])("with a reading %s", (_, atMs, kind) => {
    expect(verdictOf("incident", { policy, prod: { incidents: read([]) }, atMs }).kind).toBe(kind);
  });

  test("is closed before anybody looked, and while nobody can", () => {
    expect(verdictOf("incident", { policy }).kind).toBe("CLOSED");
    const incidents = { kind: "unreadable" as const, at: START, reason: "PERMISSION_DENIED" };
    const verdict = verdictOf("incident", { policy, prod: { incidents } });
    expect(verdict).toMatchObject({ kind: "CLOSED", opensAt: null });
    expect(JSON.stringify(verdict)).toContain("cannot be read: PERMISSION_DENIED");
  });

  test("without a severity that blocks it is open whatever is open, read or not", () => {
    const incidents = { kind: "unreadable" as const, at: START, reason: "down" };
    expect(verdictOf("incident", { prod: { incidents } }).kind).toBe("OPEN");
    expect(verdictOf("incident", { prod: { incidents: read(["CRITICAL"]) } }).kind).toBe("OPEN");
  });

  test("warns of what is open in the stage before, and does not close for it", () => {
    const verdict = verdictOf("incident", {
      policy,
      prod: { incidents: read([]) },
      dev: { incidents: read(["CRITICAL"]) },
    });
    expect(verdict.kind).toBe("WARNING");
    expect(JSON.stringify(verdict)).toContain("is open in dev");
  });
});

describe("the gate busy", () => {
  const active = { ...aPromotion(), state: "RUNNING" as const };

  test("is closed by another promotion that runs, and not by the promotion itself", () => {
    expect(verdictOf("busy", { prod: { active } }).kind).toBe("OPEN");
    const other = { ...active, id: asPromotionId(`${active.id}-x`) };
    expect(verdictOf("busy", { prod: { active: other } }).kind).toBe("CLOSED");
    expect(verdictOf("busy", { dev: { active: other } }).kind).toBe("OPEN");
  });
});

describe("all gates together", () => {
  test("breaking the glass passes the closed gates that were chosen, and never busy", () => {
    const active = {
      ...aPromotion(),
      state: "RUNNING" as const,
      id: asPromotionId("other"),
    };
    const reports = reportsOn({
      release: { succeededIn: {} },
      state: { holds: [aHold("prod", null)] },
      prod: { active },
    });
    expect(blocking(reports, null).map(({ gate }) => gate)).toEqual(["order", "hold", "busy"]);
    const hold = blocking(reports, glassOf("hold", "window"));
    expect(hold.map(({ gate }) => gate)).toEqual(["order", "busy"]);
    const all = blocking(reports, glassOf(...BREAKABLE));
    expect(all.map(({ gate }) => gate)).toEqual(["busy"]);
    expect(closedText(reports)).toContain("order: release");
  });

  test("a verdict keeps the time since when it stands while it says the same, and only then", () => {
    const held = { state: { holds: [aHold("prod", null)] } };
    const first = reportsOn(held);
    const same = reportsOn({ ...held, atMs: MINUTE_MS, before: first });
    expect(same.map(({ since }) => since)).toEqual(first.map(({ since }) => since));
    const other = { state: { holds: [{ ...aHold("prod", null), reason: "another" }] } };
    const changed = reportsOn({ ...other, atMs: MINUTE_MS, before: first });
    const since = new Map(changed.map((report) => [report.gate, report.since]));
    expect(since.get("hold")).toBe(START + MINUTE_MS);
    expect(since.get("order")).toBe(START);
  });
});

function read(severities: readonly Incident["severity"][]): {
  readonly kind: "read";
  readonly at: typeof START;
  readonly open: readonly Incident[];
} {
  const open = severities.map((severity, index) => ({
    id: `0.incident${index}`,
    policy: "errors",
    severity,
    openedAt: START,
  }));
  return { kind: "read", at: START, open };
}

function aHold(environment: string, until: number | null): Hold {
  return {
    id: holdId("hold-1"),
    scope: {
      kind: "environment",
      service: serviceId("web"),
      environment: environmentId(environment),
    },
    reason: "the database moves",
    by: "user:sue@example.com",
    asOncall: false,
    createdAt: START,
    until: until === null ? null : instant(until),
  };
}

function glassOf(...gates: readonly BreakableGate[]): BreakGlass {
  return { by: "user:ann@example.com", reason: "fire", gates };
}
