import { describe, expect, test } from "vitest";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import { environmentId, holdId, releaseId } from "../../shared/domain/ids.ts";
import type { ReleaseId } from "../../shared/domain/ids.ts";
import { TAGS_MAX } from "../../shared/domain/image.ts";
import type { Candidate } from "../../shared/domain/release.ts";
import { IGNORED_MAX } from "../../shared/domain/state.ts";
import {
  aCandidate,
  aDigest,
  anEnvironment,
  aPut,
  aService,
  atMs,
  START,
} from "../support/builders.ts";
import { asked, deployed, given, when, within } from "../support/decider.ts";
import type { Story } from "../support/decider.ts";

const WEB = aService();

/** An image that gets a tag so many milliseconds after the start. */
function put(
  image: number,
  tag: string,
  afterMs: number,
  parts: Partial<Candidate> = {},
): ServiceEvent {
  const candidate = aCandidate(image, { put: aPut(tag, afterMs), ...parts });
  return { kind: "image-found", candidate, by: "registry" };
}

const HOLD_ON_DEV: ServiceEvent = {
  kind: "hold-placed",
  hold: {
    id: holdId("hold-1"),
    scope: { kind: "environment", service: WEB.id, environment: environmentId("dev") },
    reason: "the database moves",
    by: "user:sue@example.com",
    asOncall: false,
    createdAt: START,
    until: null,
  },
};

function release(image: number): ReleaseId {
  return releaseId(aDigest(image), WEB.revision);
}

function inDev(story: Story): string | undefined {
  return within(story, "dev").current?.release;
}

function reasons(story: Story): readonly (string | null)[] {
  return story.facts.filter(({ kind }) => kind === "image.ignored").map(({ reason }) => reason);
}

describe("the order of pushes", () => {
  test("content that is pushed again under a new tag is the newest again", () => {
    const first = deployed(when(given(WEB), put(1, "t1", 1)), "dev");
    const second = deployed(when(first, put(2, "t2", 2)), "dev");
    const again = when(second, put(1, "t3", 3));
    expect(again.state.newest).toBe(release(1));
    expect(within(again, "dev").active).toMatchObject({ release: release(1), kind: "automatic" });
    expect(inDev(deployed(again, "dev"))).toBe(release(1));
  });

  test("a tag that moves to another image and comes back takes the first image along", () => {
    const moved = deployed(when(given(WEB), put(1, "main", 1), put(2, "main", 2)), "dev");
    const there = deployed(moved, "dev");
    expect(inDev(there)).toBe(release(2));
    expect(inDev(deployed(when(there, put(1, "main", 3)), "dev"))).toBe(release(1));
  });

  test("of two older digests that get the policy's tags, the one tagged last is the newest", () => {
    const story = when(given(WEB), put(2, "prod-3", 10), put(1, "prod-4", 11));
    expect(story.state.newest).toBe(release(1));
  });

  test("messages keep the place of their push, in whatever order they come", () => {
    const pushes = [put(1, "t1", 1), put(2, "t2", 2), put(1, "t3", 3)];
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ];
    const ends = orders.map((order) => {
      const events = order.flatMap((index) => pushes[index] ?? []);
      return deployed(when(given(WEB), ...events), "dev").state.newest;
    });
    expect(new Set(ends)).toEqual(new Set([release(1)]));
  });

  test("the same message again changes nothing and says nothing", () => {
    const story = deployed(when(given(WEB), put(1, "t1", 1)), "dev");
    const again = when(story, put(1, "t1", 1));
    expect(again.state).toBe(story.state);
    expect(again.facts).toEqual(story.facts);
  });

  test("a push that is announced later, of an image that kept its tag, changes nothing and says so once", () => {
    const story = deployed(when(given(WEB), put(1, "t1", 1), put(2, "t2", 2)), "dev");
    const there = deployed(story, "dev");
    const again = when(there, put(1, "t1", 9), put(1, "t1", 10));
    expect(again.state.newest).toBe(release(2));
    expect(within(again, "dev")).toMatchObject({ active: null, waiting: [] });
    expect(reasons(again)).toEqual([`it is release ${release(1)} already`]);
  });

  test("the same tag on the same image is a push again, if the registry has changed the image since", () => {
    const story = deployed(when(given(WEB), put(1, "t1", 1), put(2, "t2", 2)), "dev");
    const again = when(deployed(story, "dev"), put(1, "t1", 9, { changedAt: atMs(8) }));
    expect(again.state.newest).toBe(release(1));
    expect(within(again, "dev").active).toMatchObject({ release: release(1) });
  });

  test("another tag on what runs already says that it is known", () => {
    const story = deployed(when(given(WEB), put(1, "t1", 1)), "dev");
    const again = when(story, put(1, "latest", 5));
    expect(within(again, "dev").active).toBeNull();
    expect(reasons(again)).toEqual([`it is release ${release(1)} already`]);
    expect(again.state.releases[release(1)]?.tag).toBe("latest");
  });

  test("a push of what runs already takes the place of what waits, which was pushed before", () => {
    const story = when(deployed(when(given(WEB), put(1, "t1", 1)), "dev"), HOLD_ON_DEV);
    const waiting = when(story, put(2, "t2", 2));
    expect(within(waiting, "dev").waiting).toMatchObject([{ release: release(2) }]);
    const again = when(waiting, put(1, "t3", 3));
    expect(within(again, "dev")).toMatchObject({ active: null, waiting: [] });
    expect(again.ended.at(-1)).toMatchObject({ release: release(2), state: "SUPERSEDED" });
    const late = when(story, put(1, "t3", 3), put(2, "t2", 2));
    expect(within(late, "dev")).toMatchObject({ active: null, waiting: [] });
    const newer = when(again, put(3, "t4", 4));
    expect(within(newer, "dev").waiting).toMatchObject([{ release: release(3) }]);
  });

  test("a push of which the tag has moved on by now is passed over, and says so", () => {
    const story = deployed(when(given(WEB), put(2, "main", 2)), "dev");
    const late = when(story, put(1, "main", 1));
    expect(late.state.newest).toBe(release(2));
    expect(reasons(late)).toEqual([`the tag has moved on to ${aDigest(2)}`]);
  });

  test("pushes that changed nothing are remembered up to a limit, the newest of them", () => {
    const pushes = Array.from({ length: IGNORED_MAX + 1 }, (_, index) => ({
      kind: "image-refused" as const,
      digest: aDigest(index),
      tag: `x${index}`,
      reason: "no version",
      otherTags: [],
    }));
    const { ignored } = when(given(WEB), ...pushes).state;
    expect(ignored).toHaveLength(IGNORED_MAX);
    expect(ignored.at(-1)).toMatchObject({ tag: `x${IGNORED_MAX}`, reason: "no version" });
    expect(ignored.at(0)).toMatchObject({ tag: "x1" });
  });
});

describe("an order by version or build", () => {
  const ranked = aService({ order: "semver" });

  test("a lower version that arrives later is passed over, says why, and can be promoted by hand", () => {
    const story = deployed(when(given(ranked), put(1, "v1.3.0", 1, { rank: "13" })), "dev");
    const late = when(story, put(2, "v1.2.5", 2, { rank: "12" }));
    expect(within(late, "dev")).toMatchObject({ active: null, waiting: [] });
    expect(late.state.newest).toBe(release(1));
    const said = late.facts.findLast(({ kind }) => kind === "promotion.superseded")?.reason;
    expect(said).toContain(`${release(1)} (v1.3.0) is there or on its way`);
    expect(said).toContain(`promote ${release(2)} into dev by hand`);
    const asks = asked("dev", { release: release(2) });
    const withRelease = {
      ...late,
      state: { ...late.state, releases: { ...late.state.releases, ...releasesOf(late, 2) } },
    };
    expect(within(when(withRelease, asks), "dev").active).toMatchObject({ release: release(2) });
  });

  test("a higher version that an older image has takes it back, though nobody told of it in time", () => {
    const two = deployed(when(given(ranked), put(2, "v1.3.0", 2, { rank: "13" })), "dev");
    const one = deployed(when(two, put(1, "v1.6.0", 3, { rank: "16" })), "dev");
    const seen = { rank: "17", isAnnounced: false };
    const found = when(one, put(2, "v1.7.0", 2, seen));
    expect(found.state.newest).toBe(release(2));
    expect(inDev(deployed(found, "dev"))).toBe(release(2));
    const lower = when(one, put(2, "v1.5.0", 2, { ...seen, rank: "15" }));
    expect(within(lower, "dev")).toMatchObject({ active: null, waiting: [] });
    expect(lower.state.newest).toBe(release(1));
  });

  test("what has no version comes before all that have one", () => {
    const story = deployed(when(given(ranked), put(1, "nightly", 5)), "dev");
    const next = when(story, put(2, "v1.0.0", 1, { rank: "10" }));
    expect(within(next, "dev").active).toMatchObject({ release: release(2) });
    const later = when(deployed(next, "dev"), put(3, "nightly2", 9));
    expect(within(later, "dev").active).toBeNull();
  });
});

/** The release as its history has it. */
function releasesOf(story: Story, image: number): Story["state"]["releases"] {
  const candidate = aCandidate(image, { put: aPut("v1.2.5", 2), rank: "12" });
  const { state } = when(given(story.state.service), {
    kind: "image-found",
    candidate,
    by: "registry",
  });
  return state.releases;
}

function stable(image: number, afterMs: number): ServiceEvent {
  return put(image, "stable", afterMs, { isChosen: false });
}

describe("an environment that follows a tag", () => {
  const followed = aService({
    tags: { kind: "pattern", pattern: "^v" },
    environments: [
      anEnvironment("edge", { stage: null, deploy: { kind: "subscription", tag: "stable" } }),
    ],
  });
  test("goes where the tag points, also back to what was there before", () => {
    const one = deployed(when(given(followed), stable(1, 1)), "edge");
    const two = deployed(when(one, stable(2, 2)), "edge");
    const back = deployed(when(two, stable(1, 3)), "edge");
    expect(within(back, "edge").current).toMatchObject({ release: release(1) });
  });

  test("goes to an older version if the tag does", () => {
    const ranked = { ...followed, order: "semver" as const };
    const story = deployed(
      when(given(ranked), put(2, "stable", 2, { rank: "20", isChosen: false })),
      "edge",
    );
    const back = when(story, put(1, "stable", 3, { rank: "10", isChosen: false }));
    expect(within(back, "edge").active).toMatchObject({ release: release(1) });
  });

  test("makes no image the newest that the tag policy does not take", () => {
    const alone = when(given(followed), stable(1, 1));
    expect(alone.state.newest).toBeNull();
    const chosen = when(alone, put(2, "v2", 2));
    expect(chosen.state.newest).toBe(release(2));
    const moved = when(chosen, stable(3, 3));
    expect(moved.state.newest).toBe(release(2));
    expect(within(moved, "edge").waiting).toMatchObject([{ release: release(3) }]);
  });

  test("ends at the last move, however late the messages of others come", () => {
    const story = deployed(when(given(followed), stable(2, 2)), "edge");
    const late = when(story, stable(1, 1));
    expect(within(late, "edge")).toMatchObject({ active: null, current: { release: release(2) } });
  });
});

describe("what is known of an image", () => {
  test("is the same for every release of it, and its tags stay when they have moved on", () => {
    const story = when(given(WEB), put(1, "1.4.0", 1), put(1, "latest", 2), put(2, "latest", 3));
    expect(story.state.releases[release(1)]?.image.tags.map(({ tag }) => tag)).toEqual([
      "latest",
      "1.4.0",
    ]);
  });

  test(`is bounded: the ${TAGS_MAX} tags that were put last are remembered`, () => {
    const tags = Array.from({ length: TAGS_MAX + 3 }, (_, index) =>
      put(1, `t${index}`, index + 1, { changedAt: atMs(index + 1) }),
    );
    const known = when(given(WEB), ...tags).state.releases[release(1)]?.image.tags ?? [];
    expect(known).toHaveLength(TAGS_MAX);
    expect(known.at(0)?.tag).toBe(`t${TAGS_MAX + 2}`);
  });

  test("a commit that a tag names counts before the one of a label, whichever came first", () => {
    const byTag = { put: { ...aPut("0123456_1", 1), commit: "0123456" } };
    const label = { put: aPut("latest", 2), commit: "fedcba9876543210" };
    const commits = [
      [byTag, label],
      [label, byTag],
    ].map((candidates) => {
      const events = candidates.map((parts) => ({
        kind: "image-found" as const,
        candidate: aCandidate(1, parts),
        by: "registry",
      }));
      return when(given(WEB), ...events).state.releases[release(1)]?.image;
    });
    expect(commits.map((image) => image?.commit)).toEqual(["fedcba9876543210", "fedcba9876543210"]);
    expect(
      commits.map((image) => image?.tags.find(({ commit }) => commit !== null)?.commit),
    ).toEqual(["0123456", "0123456"]);
  });
});
