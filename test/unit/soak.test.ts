import { describe, expect, test } from "vitest";
import { explain } from "../../shared/domain/explain/explain.ts";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import { environmentId, releaseId } from "../../shared/domain/ids.ts";
import type { ReleaseId } from "../../shared/domain/ids.ts";
import type { Verdict } from "../../shared/domain/gates/verdict.ts";
import { judgeGates } from "../../shared/domain/gates/judge.ts";
import { days, duration, instant, lengthText, minutes } from "../../shared/domain/time.ts";
import { aDigest, aPolicy, anEnvironment, aService } from "../support/builders.ts";
import { asked, deployed, found, given, seen, when, within } from "../support/decider.ts";
import type { Story } from "../support/decider.ts";
import { present } from "../support/present.ts";

const SOAK = minutes(30);

/** Release 1 runs in dev since now; prod wants a soak. */
function begun(parts: Parameters<typeof aPolicy>[0] = {}): Story {
  const prod = anEnvironment("prod", { stage: 1, policy: aPolicy({ soak: SOAK, ...parts }) });
  const service = aService({ environments: [anEnvironment("dev"), prod] });
  return deployed(when(given(service), found(1)), "dev");
}

function pass(story: Story, length: number): Story {
  return { ...story, now: instant(story.now + length) };
}

function release(number: number): ReleaseId {
  return releaseId(aDigest(number), aService().revision);
}

/** Another release takes the place of what runs in dev. */
function replaced(story: Story, number: number): Story {
  return deployed(when(story, found(number)), "dev");
}

function broughtBack(story: Story, number: number): Story {
  return deployed(when(story, asked("dev", { release: release(number) })), "dev");
}

function soakOf({ state, now }: Story, number: number): Verdict {
  const environment = present(state.service.environments[1], "prod");
  const known = present(state.releases[release(number)], "the release");
  const promotion = {
    id: present(state.environments["dev"]?.current, "what runs").promotion,
    kind: "manual" as const,
    requestedBy: "user:ann@example.com",
    approvals: [],
  };
  const reports = judgeGates({ state, environment, release: known, promotion, now }, []);
  return present(
    reports.find(({ gate }) => gate === "soak"),
    "the gate soak",
  ).verdict;
}

function running(image: string): ServiceEvent {
  return { kind: "running-observed", environment: environmentId("dev"), image, by: null };
}

describe("the soak of a release", () => {
  test("stops when another release takes its place, and says so without a time", () => {
    const story = replaced(pass(begun(), minutes(10)), 2);
    const verdict = soakOf(pass(story, days(1)), 1);
    expect(verdict).toMatchObject({ kind: "CLOSED", opensAt: null });
    expect(JSON.stringify(verdict)).toContain(
      "run there for 30m without a break, and its longest run was 10m",
    );
  });

  test("begins anew when it comes back before it was done", () => {
    const back = broughtBack(replaced(pass(begun(), minutes(29)), 2), 1);
    const opensAt = present(within(back, "dev").current, "what runs").since + SOAK;
    expect(soakOf(back, 1)).toMatchObject({ kind: "CLOSED", opensAt });
    expect(soakOf(pass(back, SOAK - 1), 1).kind).toBe("CLOSED");
    expect(soakOf(pass(back, SOAK), 1).kind).toBe("OPEN");
  });

  test("is done for good once it was done, whatever takes its place and when it comes back", () => {
    const story = replaced(pass(begun(), SOAK), 2);
    expect(soakOf(story, 1).kind).toBe("OPEN");
    expect(soakOf(broughtBack(story, 1), 1).kind).toBe("OPEN");
  });

  test("counts the longest time without a break, not the last one", () => {
    const once = broughtBack(replaced(pass(begun(), SOAK), 2), 1);
    const twice = replaced(pass(once, minutes(1)), 3);
    expect(soakOf(broughtBack(twice, 1), 1).kind).toBe("OPEN");
  });

  test("goes on when the same release is deployed again", () => {
    const story = pass(begun(), minutes(20));
    const arriving = when(story, found(2));
    const back = {
      kind: "rollback-requested" as const,
      environment: environmentId("dev"),
      release: null,
      by: "user:ann@example.com",
      reason: "be sure",
      restoreData: false,
      hold: null,
      asOncall: false,
      hasImage: true,
    };
    const asking = when(arriving, back);
    const again = deployed(when(asking, seen(asking, "dev", { state: "CANCELLED" })), "dev");
    expect(within(again, "dev").current).toMatchObject({ kind: "rollback", release: release(1) });
    expect(soakOf(pass(again, minutes(10)), 1).kind).toBe("OPEN");
  });

  test("stops while something else is found to run, and begins anew when that is over", () => {
    const { image } = present(within(begun(), "dev").current, "what runs");
    const drifted = when(pass(begun(), minutes(20)), running("another"));
    expect(soakOf(pass(drifted, days(1)), 1)).toMatchObject({ kind: "CLOSED", opensAt: null });
    const over = when(pass(drifted, minutes(5)), running(image));
    expect(soakOf(over, 1)).toMatchObject({ kind: "CLOSED", opensAt: over.now + SOAK });
  });

  test("that has stopped leaves its place in line to the next release, one that goes on does not", () => {
    const automatic = begun({ promotion: "automatic" });
    expect(within(automatic, "prod").waiting).toMatchObject([{ release: release(1) }]);
    const next = replaced(pass(automatic, minutes(10)), 2);
    expect(within(next, "prod").waiting).toMatchObject([{ release: release(2) }]);
    const soaked = replaced(pass(automatic, SOAK), 2);
    expect(within(soaked, "prod").active).toMatchObject({ release: release(1) });
  });

  test("is explained with what would open it", () => {
    const stopped = replaced(pass(begun(), minutes(10)), 2);
    const { state, now } = stopped;
    const environment = present(state.service.environments[1], "prod");
    const known = present(state.releases[release(1)], "the release");
    const question = {
      state,
      environment,
      release: known,
      last: null,
      by: "user:ann@example.com",
      now,
    };
    const gate = explain(question).gates.find(({ report }) => report.gate === "soak");
    expect(gate?.opening).toMatchObject({
      when: "the release runs in dev again, for 30m without a break",
      advice: [
        { step: { kind: "promote", service: "web", environment: "dev", release: release(1) } },
      ],
    });
  });
});

describe("a length of time in words", () => {
  test.each([
    [duration(0), "0s"],
    [duration(59_999), "59s"],
    [minutes(1), "1m"],
    [minutes(90), "1h30m"],
    [days(2), "2d"],
    [duration(days(1) + minutes(61)), "1d1h1m"],
  ])("%d ms is %s", (length, text) => {
    expect(lengthText(length)).toBe(text);
  });
});
