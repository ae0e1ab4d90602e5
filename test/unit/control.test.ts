import { describe, expect, test } from "vitest";
import { decideControl, FAILING_MAX, NEW_CONTROL } from "../../shared/domain/control.ts";
import type { ControlEvent, ControlState } from "../../shared/domain/control.ts";
import { serviceId } from "../../shared/domain/ids.ts";
import { START } from "./../support/builders.ts";

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
