import { describe, expect, test } from "vitest";
import { minutes } from "../../shared/domain/time.ts";
import { START } from "../support/builders.ts";
import { reportsOn, verdictOf } from "../support/gate-case.ts";

const HOUR_MS = 3_600_000;
const required = { provenance: { required: true, grace: minutes(60) } };

describe("the gate order", () => {
  test.each([
    ["in the stage before", { dev: START }, "OPEN"],
    ["nowhere", {}, "CLOSED"],
    ["in prod itself but not in the stage before", { prod: START }, "CLOSED"],
  ])("for a release that succeeded %s", (_, succeededIn, kind) => {
    expect(verdictOf("order", { release: { succeededIn } }).kind).toBe(kind);
  });
});

describe("the gate bad-release", () => {
  test("is open for a release that nobody marked, and closed by name and reason for one marked bad", () => {
    const bad = { by: "user:sue@example.com", reason: "it leaks", at: START, asOncall: false };
    expect(verdictOf("bad-release", {}).kind).toBe("OPEN");
    const verdict = verdictOf("bad-release", { image: { bad } });
    expect(verdict).toMatchObject({ kind: "CLOSED", opensAt: null });
    expect(JSON.stringify(verdict)).toContain("marked bad by user:sue@example.com: it leaks");
  });
});

describe("the gate provenance", () => {
  test.each([
    ["not asked for", {}, null, 0, "OPEN", ""],
    ["seen", required, true, 2 * HOUR_MS, "OPEN", ""],
    ["not looked for yet", required, null, 0, "CLOSED", "waits for the image's signature"],
    ["missing within the grace", required, false, HOUR_MS - 1, "CLOSED", "waits for"],
    ["missing at the grace's end", required, false, HOUR_MS, "CLOSED", "unsigned"],
    ["missing after the grace", required, false, HOUR_MS + 1, "CLOSED", "unsigned"],
  ] as const)("with a signature %s", (_, policy, isAttested, atMs, kind, reason) => {
    const verdict = verdictOf("provenance", { policy, release: { isAttested }, atMs });
    expect(verdict.kind).toBe(kind);
    expect(JSON.stringify(verdict)).toContain(reason);
  });
});

describe("the gate soak", () => {
  const policy = { soak: minutes(30) };
  const end = START + 30 * 60_000;

  test.each([
    ["a millisecond before its end", 30 * 60_000 - 1, "CLOSED"],
    ["at its end", 30 * 60_000, "OPEN"],
    ["after its end", 30 * 60_000 + 1, "OPEN"],
  ])("%s", (_, atMs, kind) => {
    expect(verdictOf("soak", { policy, atMs }).kind).toBe(kind);
  });

  test("says when it opens by itself", () => {
    expect(verdictOf("soak", { policy })).toMatchObject({ kind: "CLOSED", opensAt: end });
  });

  test("does not begin before the release has succeeded in the stage before", () => {
    const verdict = verdictOf("soak", { policy, release: { succeededIn: {} }, atMs: HOUR_MS });
    expect(verdict).toMatchObject({ kind: "CLOSED", opensAt: null });
  });
});

describe("which promotions a gate judges", () => {
  const forward = [
    "order",
    "bad-release",
    "provenance",
    "hold",
    "window",
    "incident",
    "soak",
    "approval",
    "busy",
  ];

  test.each([
    ["automatic", forward],
    ["manual", forward],
    ["scheduled", forward],
    ["restore", ["hold", "approval", "busy"]],
    ["rollback", ["busy"]],
  ] as const)("%s", (kind, gates) => {
    expect(reportsOn({ kind }).map(({ gate }) => gate)).toEqual(gates);
  });
});
