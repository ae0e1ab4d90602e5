import { describe, expect, test } from "vitest";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import { releaseId, specRevision } from "../../shared/domain/ids.ts";
import type { ReleaseId, SpecRevision } from "../../shared/domain/ids.ts";
import type { Service } from "../../shared/domain/service.ts";
import {
  aCandidate,
  aDigest,
  anEnvironment,
  aPolicy,
  aPut,
  aService,
} from "../support/builders.ts";
import { asked, deployed, found, given, seen, when, within } from "../support/decider.ts";
import type { Story } from "../support/decider.ts";
import { present } from "../support/present.ts";

const ANN = "user:ann@example.com";
const FIRST = specRevision("0a1b2c");
const NEXT = specRevision("3d4e5f");

/** The same service with another memory limit, say. */
function changed(service: Service): Service {
  return { ...service, revision: NEXT, fingerprint: "next" };
}

function applied(service: Service): ServiceEvent {
  return { kind: "service-applied", service: changed(service), by: ANN };
}

function release(image: number, revision: SpecRevision = NEXT): ReleaseId {
  return releaseId(aDigest(image), revision);
}

/** The first image gets another tag. */
function again(tag: string, afterMs: number): ServiceEvent {
  const candidate = aCandidate(1, { put: aPut(tag, afterMs) });
  return { kind: "image-found", candidate, by: "registry" };
}

function marked(image: number, isBad: boolean, revision = FIRST): ServiceEvent {
  const reason = "it leaks";
  return {
    kind: "release-marked",
    release: release(image, revision),
    isBad,
    by: ANN,
    reason,
    asOncall: false,
  };
}

function told(story: Story): Readonly<Record<string, string>> | undefined {
  return story.facts.findLast(({ kind }) => kind === "service.applied")?.details;
}

const WEB = aService();

describe("an environment that left the specification", () => {
  test("has its rollout told to stop, and its promotion ends", () => {
    const story = when(given(WEB), found(1));
    const { id } = present(within(story, "dev").active, "what rolls out");
    const service = { ...WEB, fingerprint: "gone", environments: WEB.environments.slice(1) };
    const next = when(story, { kind: "service-applied", service, by: ANN });
    expect(next.effects.slice(story.effects.length)).toMatchObject([
      { kind: "cancel-rollout", promotion: id, key: { rollout: id } },
    ]);
    const ended = next.ended.find((promotion) => promotion.id === id);
    expect(ended?.state).toBe("CANCELLED");
    expect(JSON.stringify(ended?.steps)).toContain(
      "no longer has environment dev; its rollout was told to stop, see it in Cloud Deploy",
    );
  });
});

describe("a changed specification", () => {
  test("gives the first stage what it runs, under the new revision, and says so", () => {
    const story = when(deployed(when(given(WEB), found(1)), "dev"), applied(WEB));
    expect(within(story, "dev").active).toMatchObject({ release: release(1), kind: "automatic" });
    expect(told(story)).toMatchObject({ revision: NEXT, dev: `${release(1)} (v1)` });
    expect(story.state.newest).toBe(release(1));
  });

  test("gives it what is on its way, if anything is", () => {
    const story = when(given(WEB), found(1), found(2), applied(WEB));
    expect(within(story, "dev").waiting).toMatchObject([{ release: release(2) }]);
  });

  test("gives it no image that was marked bad, but the last one that proved itself", () => {
    const one = deployed(when(given(WEB), found(1)), "dev");
    const two = deployed(when(one, found(2)), "dev");
    const story = when(two, marked(2, true), applied(WEB));
    expect(within(story, "dev").active).toMatchObject({ release: release(1), kind: "automatic" });
    expect(story.state.releases[release(2)]).toBeUndefined();
    expect(told(story)).toMatchObject({ dev: `${release(1)} (v1)` });
  });

  test("gives it nothing when every image is bad, until a new one comes", () => {
    const story = when(deployed(when(given(WEB), found(1)), "dev"), marked(1, true), applied(WEB));
    expect(within(story, "dev")).toMatchObject({ active: null, waiting: [] });
    expect(told(story)).toEqual({ revision: NEXT, owners: "web", production: "prod" });
    expect(within(when(story, found(2)), "dev").active).toMatchObject({ release: release(2) });
  });

  test("does not bring a bad image back when the image is pushed again under it", () => {
    const bad = when(deployed(when(given(WEB), found(1)), "dev"), marked(1, true), applied(WEB));
    const pushed = when(bad, again("v1-again", 8));
    expect(within(pushed, "dev")).toMatchObject({ active: null, waiting: [] });
    expect(pushed.state.releases[release(1)]?.image.bad).toMatchObject({ reason: "it leaks" });
    expect(pushed.facts.at(-1)).toMatchObject({ kind: "image.ignored" });
    expect(pushed.facts.at(-1)?.reason).toContain("marked bad by user:ann@example.com");
    const good = when(pushed, marked(1, false, NEXT), again("v1-once-more", 9));
    expect(within(good, "dev").active).toMatchObject({ release: release(1) });
  });

  test("gives an environment that follows a tag the digest that it has", () => {
    const edge = anEnvironment("edge", {
      stage: null,
      deploy: { kind: "subscription", tag: "main" },
    });
    const service = aService({ environments: [edge] });
    const candidate = aCandidate(1, { put: aPut("main", 1) });
    const there = deployed(
      when(given(service), { kind: "image-found", candidate, by: "registry" }),
      "edge",
    );
    const story = when(there, found(2, "wip-1"), applied(service));
    expect(within(story, "edge").active).toMatchObject({ release: release(1) });
  });

  test("gives a stage no image that only a followed tag brought in", () => {
    const deploy = { kind: "subscription" as const, tag: "stable" };
    const environments = [anEnvironment("dev"), anEnvironment("edge", { stage: null, deploy })];
    const service = aService({ environments, tags: { kind: "pattern", pattern: "^v" } });
    const candidate = aCandidate(1, { put: aPut("stable", 1), isChosen: false });
    const there = deployed(
      when(given(service), { kind: "image-found", candidate, by: "registry" }),
      "edge",
    );
    const story = when(there, applied(service));
    expect(within(story, "dev")).toMatchObject({ active: null, waiting: [] });
    expect(within(story, "edge").active).toMatchObject({ release: release(1) });
  });

  test("gives a manual environment the digest that it has, and nothing where it has none", () => {
    const manual = anEnvironment("prod", {
      stage: null,
      deploy: { kind: "manual", tag: "insiders" },
    });
    const service = aService({ environments: [manual] });
    const none = when(given(service), found(1), applied(service));
    expect(within(none, "prod")).toMatchObject({ active: null, waiting: [] });
    const there = deployed(
      when(given(service), found(1), asked("prod", { release: release(1, FIRST) })),
      "prod",
    );
    const story = when(there, applied(service));
    expect(within(story, "prod").active).toMatchObject({ release: release(1) });
  });

  test("leaves later stages to promotions", () => {
    const dev = deployed(when(given(WEB), found(1)), "dev");
    const prod = deployed(when(dev, asked("prod")), "prod");
    expect(within(when(prod, applied(WEB)), "prod")).toMatchObject({ active: null, waiting: [] });
  });
});

describe("what is known of an image", () => {
  const SIGNED = { trust: "t", verdict: { kind: "verified" as const, by: "ann@example.com" } };
  const labelled = {
    put: { ...aPut("main-1", 1), commit: "0123456" },
    otherTags: ["1.4.0"],
    authors: ["ann@example.com", "bob+ci@example.com"],
    commit: "fedcba98",
  };

  test("is known of its release of the next revision, and so is what is found out after that", () => {
    const candidate = aCandidate(1, labelled);
    const first = when(given(WEB), { kind: "image-found", candidate, by: "registry" });
    const verified = when(first, {
      kind: "provenance-observed",
      release: release(1, FIRST),
      reading: SIGNED,
    });
    const story = when(deployed(verified, "dev"), applied(WEB));
    const next = story.state.releases[release(1)]?.image;
    expect(next).toMatchObject({
      tags: [{ tag: "main-1", commit: "0123456" }],
      otherTags: ["1.4.0"],
      authors: labelled.authors,
      commit: "fedcba98",
      bad: null,
      provenance: [SIGNED],
    });
    const both = when(story, again("main-2", 9), marked(1, true));
    const images = [FIRST, NEXT].map(
      (revision) => both.state.releases[release(1, revision)]?.image,
    );
    expect(images[0]).toEqual(images[1]);
    expect(images[0]).toMatchObject({ tags: [{ tag: "main-2" }, { tag: "main-1" }] });
    expect(images[0]?.bad).toMatchObject({ reason: "it leaks" });
  });
});

describe("a bad mark", () => {
  test("is one of the image: it closes the gate of every release of it", () => {
    const story = when(deployed(when(given(WEB), found(1)), "dev"), applied(WEB));
    const both = when(deployed(story, "dev"), marked(1, true));
    expect(both.state.releases[release(1, FIRST)]?.image.bad).toMatchObject({ by: ANN });
    const asks = when(both, asked("prod", { release: release(1), wait: false }));
    expect(asks.reply).toMatchObject({ kind: "refused", refusal: { kind: "gates-closed" } });
  });

  test("ends what waits to take the image somewhere by itself, under any revision", () => {
    const held = when(
      given(aService({ environments: [anEnvironment("dev"), automaticProd()] })),
      found(1),
    );
    const service = held.state.service;
    const proved = deployed(held, "dev");
    expect(within(proved, "prod").active).toMatchObject({ kind: "automatic" });
    const failed = when(proved, seen(proved, "prod", { state: "FAILED" }));
    const waiting = when(failed, applied(service));
    expect(within(waiting, "dev").active).toMatchObject({ release: release(1) });
    const running = when(waiting, marked(1, true, FIRST));
    expect(within(deployed(running, "dev"), "prod")).toMatchObject({ active: null, waiting: [] });
  });
});

function automaticProd(): ReturnType<typeof anEnvironment> {
  return anEnvironment("prod", { stage: 1, policy: aPolicy({ promotion: "automatic" }) });
}
