import { describe, expect, test } from "vitest";
import { aDigest, anEnvironment, aPolicy, aService, START } from "../support/builders.ts";
import { afterMs, asked, deployed, found, given, when, within } from "../support/decider.ts";
import { environmentId, holdId, releaseId } from "../../shared/domain/ids.ts";
import type { ServiceEvent } from "../../shared/domain/event.ts";

const service = aService();
const BY = "user:ann@example.com";
const REMOVED: ServiceEvent = { kind: "service-removed", by: BY, reason: "moved" };
const inDev = deployed(when(given(service), found(1)), "dev");

describe("a service is removed", () => {
  test("with who and why on the record, and keeps what is known of it", () => {
    const story = when(inDev, REMOVED);
    expect(story.state.removedAt).toBe(story.now);
    expect(story.facts.at(-1)).toMatchObject({
      kind: "service.removed",
      by: BY,
      reason: "moved",
    });
    expect(within(story, "dev").current?.release).toBe(releaseId(aDigest(1), service.revision));
  });

  test("not while a promotion runs, and once it has ended", () => {
    const running = when(given(service), found(1));
    const refused = when(running, REMOVED);
    expect(refused.state.removedAt).toBeNull();
    expect(refused.reply).toMatchObject({ kind: "refused", refusal: { kind: "conflict" } });
    expect(when(deployed(running, "dev"), REMOVED).state.removedAt).not.toBeNull();
  });

  test("not while a promotion waits", () => {
    const approvals = { required: 1, from: [], notRequester: true, notAuthor: false };
    const prod = anEnvironment("prod", { stage: 1, policy: aPolicy({ approvals }) });
    const guarded = aService({ environments: [anEnvironment("dev"), prod] });
    const waiting = when(deployed(when(given(guarded), found(1)), "dev"), asked("prod"));
    expect(when(waiting, REMOVED).state.removedAt).toBeNull();
  });

  test("once: asking again is refused, and changes nothing", () => {
    const once = when(inDev, REMOVED);
    const twice = when(once, REMOVED);
    expect(twice.state).toBe(once.state);
    expect(twice.reply).toMatchObject({ kind: "refused" });
  });
});

describe("a service that was removed", () => {
  const gone = when(inDev, REMOVED);
  const hold = {
    id: holdId("hold-1"),
    scope: { kind: "service" as const, service: service.id },
    reason: "no",
    by: BY,
    asOncall: false,
    createdAt: START,
    until: null,
  };

  test.each<[string, ServiceEvent]>([
    ["a push", found(2)],
    ["a promotion", asked("prod")],
    ["a hold", { kind: "hold-placed", hold }],
    [
      "what runs",
      { kind: "running-observed", environment: environmentId("dev"), image: "x", by: null },
    ],
    ["a day", { kind: "day-began" }],
  ])("takes no notice of %s", (_, event) => {
    const after = when(gone, event);
    expect(after.state).toBe(gone.state);
    expect(after.effects).toEqual(gone.effects);
    expect(after.facts).toEqual(gone.facts);
  });

  test("does nothing by itself, however long it is", () => {
    expect(afterMs(gone, 30 * 24 * 3_600_000).state).toBe(gone.state);
  });

  test("is there again when its specification is applied, even the very same", () => {
    const back = when(gone, { kind: "service-applied", service, by: BY });
    expect(back.state.removedAt).toBeNull();
    expect(back.facts.at(-1)?.kind).toBe("service.applied");
    expect(within(when(back, found(2)), "dev").active?.release).toBe(
      releaseId(aDigest(2), service.revision),
    );
  });
});
