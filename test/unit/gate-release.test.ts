import { describe, expect, test } from "vitest";
import { NO_TRUST, READINGS_MAX, withReading } from "../../shared/domain/provenance.ts";
import { minutes } from "../../shared/domain/time.ts";
import { aTrust, START } from "../support/builders.ts";
import { reportsOn, verdictOf } from "../support/gate-case.ts";

const HOUR_MS = 3_600_000;
const trust = aTrust();
const required = { provenance: { required: true, grace: minutes(60), trust } };
const trustless = { provenance: { ...required.provenance, trust: NO_TRUST } };

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
  const signed = { kind: "verified", by: "ann@example.com" } as const;
  const unsigned = { kind: "unverified", reason: "the image is unsigned" } as const;
  const away = { kind: "unreadable", reason: "UNAVAILABLE: the registry is away" } as const;

  test.each([
    ["that nobody asks for", {}, null, 0, "OPEN", ""],
    ["that counts", required, signed, 2 * HOUR_MS, "OPEN", "signed by ann@example.com"],
    ["not looked for yet", required, null, 0, "CLOSED", "are not verified yet"],
    ["missing within the grace", required, unsigned, HOUR_MS - 1, "CLOSED", "waits for"],
    [
      "missing at the grace's end",
      required,
      unsigned,
      HOUR_MS,
      "CLOSED",
      "there is no trusted signature",
    ],
    ["missing after the grace", required, unsigned, HOUR_MS + 1, "CLOSED", "the image is unsigned"],
    ["that cannot be read", required, away, 2 * HOUR_MS, "CLOSED", "cannot be verified now"],
    ["of nobody named", trustless, signed, 0, "CLOSED", "nobody is trusted to sign"],
  ] as const)("with a signature %s", (_, policy, verdict, atMs, kind, reason) => {
    const provenance = verdict === null ? [] : [{ trust: trust.id, verdict }];
    const judged = verdictOf("provenance", { policy, image: { provenance }, atMs });
    expect(judged.kind).toBe(kind);
    expect(JSON.stringify(judged)).toContain(reason);
  });

  test("is closed by what was found under another trust", () => {
    const provenance = [{ trust: "another", verdict: signed }];
    expect(verdictOf("provenance", { policy: required, image: { provenance } })).toMatchObject({
      kind: "CLOSED",
      reason:
        "the image's signatures are not verified yet; Slipway does that once a promotion is requested",
    });
  });
});

describe("what was found of a release's signatures", () => {
  const verified = { trust: "a", verdict: { kind: "verified", by: "ann" } } as const;
  const missed = { trust: "a", verdict: { kind: "unverified", reason: "unsigned" } } as const;

  test("stays as it is when the same is found again", () => {
    const readings = [missed];
    const again = { trust: "a", verdict: { kind: "unverified", reason: "unsigned" } } as const;
    expect(withReading(readings, again)).toBe(readings);
  });

  test("is replaced by what is found later, but never once it was verified", () => {
    expect(withReading([missed], verified)).toEqual([verified]);
    const readings = [verified];
    expect(withReading(readings, missed)).toBe(readings);
  });

  test("is kept for so many trusts, the last ones", () => {
    const all = Array.from({ length: READINGS_MAX + 1 }, (_, index) => ({
      trust: `trust-${index}`,
      verdict: missed.verdict,
    }));
    const kept = all.reduce<ReturnType<typeof withReading>>(
      (readings, reading) => withReading(readings, reading),
      [],
    );
    expect(kept).toEqual(all.slice(1));
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
