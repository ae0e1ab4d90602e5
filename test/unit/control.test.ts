import { describe, expect, test } from "vitest";
import { DOCUMENT_BYTES_MAX } from "../../shared/domain/budget.ts";
import { decideControl, FAILING_MAX, NEW_CONTROL, TOLD_MAX } from "../../shared/domain/control.ts";
import type { ControlEvent, ControlState } from "../../shared/domain/control.ts";
import { HOLDS_MAX, ONCALL_HOLDS_MAX } from "../../shared/domain/events/hold.ts";
import { holdId, serviceId } from "../../shared/domain/ids.ts";
import { sizeOf } from "../../shared/domain/size.ts";
import { instant } from "../../shared/domain/time.ts";
import { START } from "../support/builders.ts";

type Told = readonly (readonly [string, string, string | null])[];

/** What one event after the other leads to: the state, and what each of them told. */
function after(events: readonly ControlEvent[]): {
  readonly state: ControlState;
  readonly told: readonly Told[];
} {
  let state = NEW_CONTROL;
  const told = events.map((event) => {
    const { next, facts } = decideControl(state, event, START);
    state = next;
    return facts.map(
      ({ kind, details, reason }) => [kind, details["service"] ?? "", reason] as const,
    );
  });
  return { state, told };
}

function failed(
  failures: readonly (readonly [string, string])[],
  isWhole = false,
): Extract<ControlEvent, { kind: "services-failed" }> {
  const all = failures.map(([id, reason]) => ({ service: serviceId(id), reason }));
  return { kind: "services-failed", failed: all, isWhole };
}

describe("services that fail", () => {
  test("are told of once for each reason", () => {
    const { told } = after([
      failed([["web", "old"]]),
      failed([
        ["web", "old"],
        ["docs", "old"],
      ]),
      failed([["web", "damaged"]]),
    ]);
    expect(told).toEqual([
      [["service.failed", "web", "old"]],
      [["service.failed", "docs", "old"]],
      [["service.failed", "web", "damaged"]],
    ]);
  });

  test("are told of for three reasons at most, each of 200 characters", () => {
    const reasons = ["one", "two", "x".repeat(201), "four"];
    const { state, told } = after(reasons.map((reason) => failed([["web", reason]])));
    expect(told.map((facts) => facts.length)).toEqual([1, 1, 1, 0]);
    expect(state.failing[0]?.reasons[2]).toHaveLength(200);
  });

  test("are well again when a sweep over all of them says so, and not before", () => {
    const { state, told } = after([
      failed([["web", "old"]]),
      failed([["docs", "old"]]),
      failed([["docs", "old"]], true),
      failed([["web", "old"]]),
    ]);
    expect(told.slice(2)).toEqual([
      [["service.recovered", "web", null]],
      [["service.failed", "web", "old"]],
    ]);
    expect(state.failing.map(({ service }) => service)).toEqual(["docs", "web"]);
  });

  test("beyond so many fill the document no further", () => {
    const many = Array.from({ length: FAILING_MAX }, (_, index) => [`s${index}`, "old"] as const);
    const { state, told } = after([failed(many), failed([["one-more", "old"]])]);
    expect(told.map((facts) => facts.length)).toEqual([FAILING_MAX, 0]);
    expect(state.failing).toHaveLength(FAILING_MAX);
  });
});

function refused(id: string): ControlEvent {
  return { kind: "message-refused", id, reason: `on-tick: ${"r".repeat(30_000)}`, besides: 0 };
}

/** As many characters as a reason may have, each of three bytes. */
const REASON = "\u20ac".repeat(1000);

function onEverything(number: number, asOncall: boolean): ControlEvent {
  const about = { reason: REASON, by: "user:ann@example.com", createdAt: START, until: null };
  const id = holdId(`hold-${number}`);
  return { kind: "hold-placed", hold: { id, scope: { kind: "all" }, asOncall, ...about } };
}

describe("what holds everything, with every list at its limit", () => {
  const names = Array.from({ length: FAILING_MAX }, (_, index) => `s${index}`);
  const full = after([
    ...["a", "b", "c"].map((letter) =>
      failed(names.map((name) => [name, letter + REASON] as const)),
    ),
    ...names.map((name) => refused(name + REASON)),
    ...names.map((name): ControlEvent => {
      return { kind: "image-unowned", image: name + REASON, besides: 0 };
    }),
    ...Array.from({ length: HOLDS_MAX }, (_, number) => onEverything(number, false)),
  ]).state;

  test("refuses one more hold, says which to lift, and takes on-call's all the same", () => {
    const { next, refusal } = decideControl(full, onEverything(100, false), START);
    expect(next.holds).toHaveLength(HOLDS_MAX);
    expect(refusal).toMatchObject({
      message: "everything has 50 holds already",
      help: { how: expect.stringContaining("lift one first, such as hold-0") as unknown },
    });
    expect(decideControl(full, onEverything(100, true), START).refusal).toBeNull();
  });

  test("has a document of at most half of what Firestore takes, on-call's holds beside it", () => {
    let state = full;
    for (let number = 0; number < ONCALL_HOLDS_MAX; number += 1) {
      state = decideControl(state, onEverything(100 + number, true), START).next;
    }
    expect(state.holds).toHaveLength(HOLDS_MAX + ONCALL_HOLDS_MAX);
    expect(decideControl(state, onEverything(200, true), START).refusal).not.toBeNull();
    expect(sizeOf(state)).toBeLessThan(DOCUMENT_BYTES_MAX);
    expect(sizeOf(state)).toBeGreaterThan(DOCUMENT_BYTES_MAX / 2);
  });
});

describe("messages that cannot be read", () => {
  test("are on record with the first 300 characters of their id and of why", () => {
    const [fact] = decideControl(NEW_CONTROL, refused("x".repeat(30_000)), START).facts;
    expect(fact?.details["message"]).toHaveLength(300);
    expect(fact?.reason).toHaveLength(300);
    const [short] = decideControl(NEW_CONTROL, refused("x".repeat(300)), START).facts;
    expect(short?.details["message"]).toBe("x".repeat(300));
  });

  test("fill neither the record nor the document, however many and however large", () => {
    let state = NEW_CONTROL;
    let told = 0;
    for (let number = 0; number < 10_000; number += 1) {
      const decided = decideControl(state, refused(`${number}${"x".repeat(30_000)}`), START);
      state = decided.next;
      told += decided.facts.length;
    }
    expect(told).toBe(TOLD_MAX);
    expect(sizeOf(state)).toBeLessThan(16 * 1024);
    const hour = instant(START + 3_600_000);
    expect(decideControl(state, { kind: "tick" }, instant(hour - 1)).facts).toEqual([]);
    const { next, facts } = decideControl(state, { kind: "tick" }, hour);
    expect(facts).toMatchObject([{ kind: "message.refused", details: { leftOut: "9980" } }]);
    expect(decideControl(next, { kind: "tick" }, hour).facts).toEqual([]);
  });

  test("that come again are one record, and count no further", () => {
    const { state, told } = after([refused("1"), refused("1"), refused("2")]);
    expect(told.map((facts) => facts.length)).toEqual([1, 0, 1]);
    expect(state.refused).toEqual({ since: START, told: 2, leftOut: 0 });
  });

  test("after the hour are told of anew, with the number of those that were left out", () => {
    const many = Array.from({ length: TOLD_MAX + 3 }, (_, number) => refused(`${number}`));
    const { state } = after(many);
    const { facts } = decideControl(state, refused("later"), instant(START + 3_600_000));
    expect(facts.map(({ details }) => details)).toEqual([{ leftOut: "3" }, { message: "later" }]);
  });

  test("leave room for pushes of images that no service has, which are counted for themselves", () => {
    const many = Array.from({ length: TOLD_MAX + 1 }, (_, number) => refused(`${number}`));
    const image = { kind: "image-unowned" as const, image: "host/project/other", besides: 0 };
    const { state, told } = after([...many, image]);
    expect(told.at(-1)).toEqual([
      ["image.ignored", "", "no service has the image host/project/other"],
    ]);
    expect([state.refused.leftOut, state.unowned.told]).toEqual([1, 1]);
  });
});

test("where a sweep had no more time is kept for each kind of tick", () => {
  const { state, told } = after([
    { kind: "sweep-ended", tick: "hour", resume: "page" },
    { kind: "sweep-ended", tick: "day", resume: "other" },
    { kind: "sweep-ended", tick: "day", resume: "" },
  ]);
  expect(state.resume).toEqual({ minute: "", hour: "page", day: "" });
  expect(told.flat()).toEqual([]);
});
