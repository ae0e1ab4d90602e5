import { describe, expect, test } from "vitest";
import { applyService, planApply } from "../../shared/app/apply-service.ts";
import { asksForMore } from "../../shared/app/claims.ts";
import { claimsOn, claimText } from "../../shared/domain/claims.ts";
import { serviceId, specRevision } from "../../shared/domain/ids.ts";
import type { Environment, Service } from "../../shared/domain/service.ts";
import { anEnvironment, aService } from "../support/builders.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import { present } from "../support/present.ts";

const web = aService({ environments: [anEnvironment("dev")] });

/** A service with nothing of `web` but what is given. */
function docs(
  parts: Partial<Service> = {},
  place: Parameters<typeof anEnvironment>[1] = {},
): Service {
  const pipeline = { project: "slipway", location: "us-central1", id: "docs-us-central1-rollout" };
  const own = { project: "docs-dev", pipeline, ...place };
  return aService({
    id: serviceId("docs"),
    image: "us-central1-docker.pkg.dev/p/r/docs",
    environments: [anEnvironment("dev", own)],
    ...parts,
  });
}

const [dev] = web.environments;

function kinds(one: Service, other: Service): unknown {
  return claimsOn(one, other).map(({ kind, silent }) => [kind, silent]);
}

describe("two services", () => {
  test("that have nothing in common claim nothing", () => {
    expect(claimsOn(web, docs())).toEqual([]);
  });

  test("of one id are one", () => {
    expect(claimsOn(web, { ...web, name: "again" })).toEqual([]);
  });

  test("may both have an image, and each is silent until it says so", () => {
    const image = { image: web.image };
    expect(kinds(web, docs(image))).toEqual([["image", ["docs", "web"]]]);
    expect(kinds(web, docs({ ...image, sharesWith: ["web"] }))).toEqual([["image", ["web"]]]);
    const open = { ...web, sharesWith: ["docs"] };
    expect(kinds(open, docs(image))).toEqual([["image", ["docs"]]]);
    expect(kinds(open, docs({ ...image, sharesWith: ["web"] }))).toEqual([["image", []]]);
  });

  test("without an image do not have the same one", () => {
    expect(claimsOn({ ...web, image: "" }, docs({ image: "" }))).toEqual([]);
  });

  const there = present(dev, "the environment");
  const { pipeline, project } = there;

  test.each<[string, Partial<Environment>, readonly string[]]>([
    ["project and region", { project }, ["place"]],
    ["project alone", { project, region: "europe-west3" }, []],
    ["pipeline", { pipeline }, ["pipeline"]],
    ["pipeline's id alone", { pipeline: { ...pipeline, project: "other" } }, []],
  ])("of one %s", (_, place, expected) => {
    const claims = claimsOn(web, docs({}, place));
    expect(claims.map(({ kind, environment }) => [kind, environment])).toEqual(
      expected.map((kind) => [kind, "dev"]),
    );
  });
});

test("a claim says what to write, and where", () => {
  const [claim] = claimsOn(web, docs({ image: web.image, sharesWith: ["web"] }));
  expect(claim === undefined ? "" : claimText(claim, "docs")).toBe(
    `image ${web.image} belongs to service web: if both are to share it, add docs to delivery.sharesWith of web`,
  );
});

describe("a service that is stored after somebody else looked", () => {
  const BY = "user:ann@example.com";

  /** Applies services that were not there when their claims were looked at, and says who was stored. */
  async function appliedTogether(...services: readonly Service[]): Promise<readonly unknown[]> {
    const { ports } = memoryPorts();
    const results = services.map(async (service) => {
      const application = { service, isSuspended: false, by: BY, text: "" };
      const { events } = planApply(null, application, ports.clock.now());
      const result = await applyService(ports, null, { service, events });
      return result.ok ? "stored" : result.refusal;
    });
    return Promise.all(results);
  }

  test("does not get what that one got: one of two that ask at the same moment is refused", async () => {
    const refusal = {
      kind: "conflict",
      message: `image ${web.image} belongs to service web: if both are to share it, add web to delivery.sharesWith of docs, and docs to delivery.sharesWith of web`,
    };
    expect(await appliedTogether(web, docs({ image: web.image }))).toEqual(["stored", refusal]);
  });

  test("is stored where both share, or have nothing in common", async () => {
    const sharing = docs({ image: web.image, sharesWith: ["web"] });
    for (const pair of [
      [{ ...web, sharesWith: ["docs"] }, sharing],
      [web, docs()],
    ] as const) {
      expect(await appliedTogether(...pair)).toEqual(["stored", "stored"]);
    }
  });

  test("asks for more with another image, place or pipeline, or with whom it shares", () => {
    expect(asksForMore(web, null)).toBe(true);
    expect(asksForMore({ ...web, name: "again", revision: specRevision("abcdef") }, web)).toBe(
      false,
    );
    const more: readonly Partial<Service>[] = [
      { image: "another" },
      { sharesWith: ["docs"] },
      { environments: docs().environments },
    ];
    expect(more.map((parts) => asksForMore({ ...web, ...parts }, web))).toEqual([true, true, true]);
  });
});
