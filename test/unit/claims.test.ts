import { describe, expect, test } from "vitest";
import { claimsOn, claimText } from "../../shared/domain/claims.ts";
import { serviceId } from "../../shared/domain/ids.ts";
import type { Environment, Service } from "../../shared/domain/service.ts";
import { anEnvironment, aService } from "../support/builders.ts";
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
