import { describe, expect, test } from "vitest";
import { releaseId, specRevision } from "../../shared/domain/ids.ts";
import { aDigest, anEnvironment, aPolicy, aService } from "../support/builders.ts";
import { asked, deployed, found, given, seen, when, within } from "../support/decider.ts";

const service = aService();
const release = (number: number): string => releaseId(aDigest(number), service.revision);

describe("an image is pushed", () => {
  test("a new image becomes a release and starts its promotion to the first stage", () => {
    const story = when(given(service), found(1));
    expect(within(story, "dev").active).toMatchObject({
      id: `${release(1)}-to-dev-0001`,
      release: release(1),
      kind: "automatic",
      state: "RUNNING",
      requestedBy: "registry",
    });
    expect(story.effects).toMatchObject([
      { kind: "create-release", release: { id: release(1) } },
      { kind: "create-rollout", target: "web-dev-us-central1" },
    ]);
    expect(story.facts.map(({ kind }) => kind)).toEqual([
      "service.applied",
      "release.created",
      "promotion.requested",
      "promotion.started",
    ]);
  });

  test("the same image again changes nothing, before and after it is deployed", () => {
    const once = when(given(service), found(1));
    expect(when(once, found(1)).state).toEqual(once.state);
    const there = deployed(once, "dev");
    const again = when(there, found(1), found(1));
    expect(again.state).toEqual(there.state);
    expect(again.facts).toHaveLength(there.facts.length);
  });

  test("while the stage is busy the newest waits and takes the place of the one that waited", () => {
    const story = when(given(service), found(1), found(2), found(3));
    const dev = within(story, "dev");
    expect(dev.active?.release).toBe(release(1));
    expect(dev.waiting.map((promotion) => promotion.release)).toEqual([release(3)]);
    expect(story.ended).toMatchObject([{ release: release(2), state: "SUPERSEDED" }]);
  });

  test("with the queue all every release waits for its turn", () => {
    const all = aService({ queue: "all" });
    const story = when(given(all), found(1), found(2), found(3));
    expect(within(story, "dev").waiting.map((promotion) => promotion.release)).toEqual([
      release(2),
      release(3),
    ]);
    expect(within(deployed(story, "dev"), "dev").active?.release).toBe(release(2));
  });

  test("when the rollout ends the one that waits starts by itself", () => {
    const story = deployed(when(given(service), found(1), found(2)), "dev");
    expect(within(story, "dev")).toMatchObject({
      current: { release: release(1) },
      active: { release: release(2), state: "RUNNING" },
      waiting: [],
    });
  });

  test("an image uploaded before the one that runs is passed over", () => {
    const story = when(deployed(when(given(service), found(2)), "dev"), found(1));
    expect(within(story, "dev").active).toBeNull();
    expect(story.ended.at(-1)).toMatchObject({ release: release(1), state: "SUPERSEDED" });
  });

  test("an image uploaded before the one under way is passed over", () => {
    const story = when(given(service), found(2), found(1));
    expect(within(story, "dev").waiting).toEqual([]);
    expect(story.ended).toMatchObject([{ release: release(1), state: "SUPERSEDED" }]);
  });

  test("a refused image is recorded once", () => {
    const refused = {
      kind: "image-refused" as const,
      digest: aDigest(1),
      tag: "nope",
      reason: "does not match",
      otherTags: [],
    };
    const story = when(given(service), refused, refused);
    expect(story.facts.filter(({ kind }) => kind === "image.ignored")).toHaveLength(1);
  });

  test("another tag on what is on its way, or waits, changes nothing and says so", () => {
    const story = when(given(service), found(1), found(2));
    const under = when(story, found(1, "again"));
    const waits = when(under, found(2, "v2-too"));
    const ignored = waits.facts.filter(({ kind }) => kind === "image.ignored");
    expect(ignored.map(({ reason }) => reason)).toEqual([
      `it is release ${release(1)} already`,
      `it is release ${release(2)} already`,
    ]);
    expect(within(waits, "dev")).toMatchObject({
      active: { release: release(1) },
      waiting: [{ release: release(2) }],
    });
  });

  test("an environment that follows a tag takes the image whenever the tag moves to it", () => {
    const follower = anEnvironment("edge", {
      stage: null,
      deploy: { kind: "subscription", tag: "insiders" },
      policy: aPolicy({ promotion: "automatic" }),
    });
    const following = aService({ environments: [...service.environments, follower] });
    const story = when(given(following), found(1), found(1, "insiders"));
    expect(within(story, "edge").active?.release).toBe(release(1));
    expect(when(story, found(1, "insiders")).state).toEqual(story.state);
  });
});

describe("a rollout is observed", () => {
  const running = when(given(service), found(1));

  test("success makes the release current, proves it and opens the timeline", () => {
    const story = deployed(running, "dev");
    expect(within(story, "dev")).toMatchObject({ current: { release: release(1) }, active: null });
    expect(story.state.releases[release(1)]?.succeededIn).toEqual({ dev: story.now });
    expect(story.ended).toMatchObject([{ state: "SUCCEEDED", deadline: null }]);
  });

  test.each([
    ["FAILED", "FAILED"],
    ["HALTED", "FAILED"],
    ["CANCELLED", "CANCELLED"],
    ["APPROVAL_REJECTED", "REJECTED"],
  ] as const)("%s ends the promotion as %s and leaves nothing deployed", (state, end) => {
    const story = when(running, seen(running, "dev", { state, failure: "no quota" }));
    expect(story.ended).toMatchObject([{ state: end }]);
    expect(within(story, "dev")).toMatchObject({ current: null, active: null });
  });

  test.each(["PENDING", "PENDING_RELEASE", "IN_PROGRESS", "CANCELLING"] as const)(
    "%s changes nothing",
    (state) => {
      expect(when(running, seen(running, "dev", { state })).state).toEqual(running.state);
    },
  );

  test("a state that is not known keeps the promotion where it is and says so", () => {
    const story = when(
      running,
      seen(running, "dev", { state: "UNRECOGNIZED", rawState: "REWINDING" }),
    );
    expect(within(story, "dev").active?.steps.at(-1)?.message).toContain("REWINDING");
  });

  test("a phase that waits is advanced once, however often it is seen", () => {
    const view = { state: "IN_PROGRESS", nextPhase: "canary-50" } as const;
    const story = when(running, seen(running, "dev", view), seen(running, "dev", view));
    expect(story.effects.filter(({ kind }) => kind === "advance-rollout")).toHaveLength(1);
  });

  test("a rollout of an ended promotion means nothing any more", () => {
    const story = deployed(running, "dev");
    const stale = seen(running, "dev", { state: "FAILED" });
    expect(when(story, stale).state).toEqual(story.state);
  });
});

describe("a specification is applied again", () => {
  test("the same one changes nothing", () => {
    const story = when(given(service), found(1));
    const again = when(story, { kind: "service-applied", service, by: "user:bob@example.com" });
    expect(again.state).toEqual(story.state);
  });

  test("one that changes what is deployed releases the newest image again", () => {
    const story = deployed(when(given(service), found(1)), "dev");
    const revised = aService({
      revision: specRevision("0d0d0d"),
      fingerprint: "second",
    });
    const next = when(story, {
      kind: "service-applied",
      service: revised,
      by: "user:bob@example.com",
    });
    expect(within(next, "dev").active?.release).toBe(releaseId(aDigest(1), revised.revision));
  });

  test("one that takes an environment away ends what was open there", () => {
    const story = when(deployed(when(given(service), found(1)), "dev"), asked("prod"));
    const [dev] = service.environments;
    const smaller = aService({
      environments: dev === undefined ? [] : [dev],
      fingerprint: "third",
    });
    const next = when(story, {
      kind: "service-applied",
      service: smaller,
      by: "user:bob@example.com",
    });
    expect(next.ended.at(-1)).toMatchObject({ environment: "prod", state: "CANCELLED" });
  });
});
