import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ATTENTIONS, isWanted } from "../../shared/domain/attention.ts";
import type { ServiceFilter } from "../../shared/domain/attention.ts";
import { searchKeysFor, searchKeysOf } from "../../shared/domain/search-keys.ts";
import { newServiceState } from "../../shared/domain/state.ts";
import type { ServiceState } from "../../shared/domain/state.ts";
import { aDemandingService } from "../support/contracts/samples.ts";
import { aFullAggregate } from "../support/contracts/full-aggregate.ts";
import { aService, START } from "../support/builders.ts";

const NOTHING: ServiceFilter = { text: "", owner: "", category: null, attention: null };

function finds(state: ServiceState, filter: Partial<ServiceFilter>, isAllHeld = false): boolean {
  const own = new Set(searchKeysOf(state));
  return searchKeysFor({ ...NOTHING, ...filter }, isAllHeld).every((key) => own.has(key));
}

const FULL = aFullAggregate(aDemandingService("web", { owners: ["Payments "] })).state;

describe("the keys of a service", () => {
  test.each([
    ["a part of its id, in any case", { text: "EB" }, true],
    ["a letter of it", { text: "w" }, true],
    ["letters that it has not", { text: "wbe" }, false],
    ["its owner, however it is written", { owner: "payments" }, true],
    ["a part of its owner", { owner: "pay" }, false],
    ["what an environment is and how it stands", { category: "test", attention: "waiting" }, true],
    ["a category that none of its environments has", { category: "external" }, false],
    ["how it does not stand", { attention: "empty", category: "external" }, false],
  ] as const)("tell %s", (_, filter, isFound) => {
    expect(finds(FULL, filter)).toBe(isFound);
  });

  test("ask for a category and a state of one environment, not of two", () => {
    const state = newServiceState(aService());
    const held = {
      ...FULL,
      service: { ...FULL.service, environments: state.service.environments },
    };
    expect(finds(held, { category: "test", attention: "waiting" })).toBe(true);
    expect(finds(held, { category: "internal", attention: "waiting" })).toBe(false);
  });

  test("do not ask whether a service is held while everything is", () => {
    const state = newServiceState(aService());
    expect(finds(state, { attention: "held" })).toBe(false);
    expect(finds(state, { attention: "held", category: "test" }, true)).toBe(true);
    expect(finds(state, { attention: "held", category: "external" }, true)).toBe(false);
  });

  test("are few enough for a document, whatever the name, and of its first hundred letters", () => {
    const name = Array.from({ length: 5000 }, (_, at) => String.fromCodePoint(0x4e00 + at)).join(
      "",
    );
    const state = newServiceState(aService({ name }));
    expect(searchKeysOf(state).length).toBeLessThan(400);
    expect(finds(state, { text: name.slice(90, 100) })).toBe(true);
    expect(finds(state, { text: name.slice(90, 101) })).toBe(false);
    expect(finds(state, { text: name.slice(100, 103) })).toBe(false);
  });

  test("ask for pieces from everywhere in a long text, its end too", () => {
    const name = "the service that has the longest name of them all, number 1";
    const state = newServiceState(aService({ name }));
    expect(finds(state, { text: name })).toBe(true);
    expect(searchKeysFor({ ...NOTHING, text: name }, false).length).toBeLessThanOrEqual(20);
    expect(finds(state, { text: name.replace("them all", "us") })).toBe(false);
    const short = newServiceState(aService({ name: "a-service-of-20-0001" }));
    expect(finds(short, { text: "a-service-of-20-0002" })).toBe(false);
  });

  test("find every service that a filter wants", () => {
    const texts = fc.string({ unit: "grapheme", maxLength: 12 });
    const filters = fc.record({
      text: texts,
      owner: fc.constantFrom("", "payments", "PAYMENTS", "other"),
      category: fc.constantFrom(null, "test", "internal", "external"),
      attention: fc.constantFrom(null, ...ATTENTIONS),
    });
    fc.assert(
      fc.property(filters, texts, texts, fc.boolean(), (filter, before, behind, isFull) => {
        const service = { ...FULL.service, name: `${before}${filter.text}${behind}` };
        const state = { ...(isFull ? FULL : newServiceState(service)), service };
        fc.pre(isWanted(state, filter, START));
        expect(finds(state, filter)).toBe(true);
      }),
    );
  });
});
