import { describe, expect, test } from "vitest";
import { decideControl, NEW_CONTROL } from "../../shared/domain/control.ts";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import type { Hold } from "../../shared/domain/hold.ts";
import { environmentId, holdId, releaseId, serviceId } from "../../shared/domain/ids.ts";
import { START, aDigest, aService } from "../support/builders.ts";
import { deployed, found, given, when } from "../support/decider.ts";
import type { Story } from "../support/decider.ts";

const ANN = "user:ann@example.com";
const OLI = "user:oli@example.com";
const release = releaseId(aDigest(1), aService().revision);
const inDev = deployed(when(given(aService()), found(1)), "dev");

function aHold(asOncall: boolean, scope: "all" | "service" | "environment"): Hold {
  const place = { service: serviceId("web"), environment: environmentId("prod") };
  return {
    id: holdId("hold-1"),
    scope: scope === "all" ? { kind: scope } : { kind: scope, ...place },
    reason: "errors",
    by: OLI,
    asOncall,
    createdAt: START,
    until: null,
  };
}

function lifted(asOncall: boolean): Extract<ServiceEvent, { kind: "hold-lifted" }> {
  return { kind: "hold-lifted", hold: holdId("hold-1"), by: ANN, asOncall };
}

function marked(isBad: boolean, by: string, asOncall: boolean): ServiceEvent {
  return { kind: "release-marked", release, isBad, by, reason: "it leaks", asOncall };
}

function bad({ state }: Story): object | null | undefined {
  return state.releases[release]?.image.bad;
}

describe("a hold that on-call placed", () => {
  test.each(["service", "environment"] as const)("on the %s is lifted by on-call", (scope) => {
    const held = when(inDev, { kind: "hold-placed", hold: aHold(true, scope) });
    expect(when(held, lifted(true)).state.holds).toEqual([]);
  });

  test.each(["service", "environment"] as const)("on the %s is lifted by nobody else", (scope) => {
    const held = when(inDev, { kind: "hold-placed", hold: aHold(true, scope) });
    const { state, reply } = when(held, lifted(false));
    expect(state.holds).toHaveLength(1);
    expect(reply).toMatchObject({
      kind: "refused",
      refusal: { kind: "forbidden" },
    });
  });

  test.each([
    [true, false, "forbidden", 1],
    [true, true, null, 0],
    [false, false, null, 0],
  ] as const)(
    "on everything (as on-call: %s) is lifted as on-call (%s): %s",
    (placed, asOncall, refused, left) => {
      const event = { kind: "hold-placed" as const, hold: aHold(placed, "all") };
      const held = decideControl(NEW_CONTROL, event, START).next;
      const { next, refusal } = decideControl(held, lifted(asOncall), START);
      expect(refusal?.kind ?? null).toBe(refused);
      expect(next.holds).toHaveLength(left);
    },
  );
});

describe("a bad mark", () => {
  test("that on-call made is taken away by on-call, and by nobody else", () => {
    const story = when(inDev, marked(true, OLI, true));
    const tried = when(story, marked(false, ANN, false));
    expect(tried.reply).toMatchObject({ kind: "refused", refusal: { kind: "forbidden" } });
    expect(bad(tried)).toMatchObject({ by: OLI });
    expect(bad(when(story, marked(false, ANN, true)))).toBeNull();
  });

  test("that somebody else made is taken away by whoever may mark", () => {
    const story = when(inDev, marked(true, ANN, false));
    expect(bad(when(story, marked(false, ANN, false)))).toBeNull();
  });

  test("becomes on-call's when on-call marks it as well, and stays it", () => {
    const story = when(inDev, marked(true, ANN, false), marked(true, OLI, true));
    expect(bad(story)).toMatchObject({ by: OLI, asOncall: true });
    const again = when(story, marked(true, ANN, false));
    expect(bad(again)).toMatchObject({ by: OLI, asOncall: true });
  });

  test("and a hold that a rollback by on-call leaves are on-call's", () => {
    const story = when(deployed(when(inDev, found(2)), "dev"), {
      kind: "rollback-requested",
      environment: environmentId("dev"),
      release: null,
      by: OLI,
      reason: "errors",
      restoreData: false,
      hold: holdId("hold-1"),
      asOncall: true,
      hasImage: true,
    });
    expect(story.state.holds).toMatchObject([{ by: OLI, asOncall: true }]);
    const left = releaseId(aDigest(2), aService().revision);
    expect(story.state.releases[left]?.image.bad).toMatchObject({ asOncall: true });
  });
});
