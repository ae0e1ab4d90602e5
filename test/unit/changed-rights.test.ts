import { describe, expect, test } from "vitest";
import { environmentId } from "../../shared/domain/ids.ts";
import { changedRights } from "../../shared/domain/changed-rights.ts";
import type { Environment, Service } from "../../shared/domain/service.ts";
import { minutes } from "../../shared/domain/time.ts";
import { anEnvironment, aPolicy, aService } from "../support/builders.ts";

const dev = anEnvironment("dev", { category: "test" });
const prod = anEnvironment("prod", { stage: 1, category: "internal" });
const before = aService({ environments: [dev, prod] });

function withProd(parts: Partial<Environment>): Service {
  return { ...before, environments: [dev, { ...prod, ...parts }] };
}

const access = { ...prod.policy.access, promote: ["user:eve@example.com" as const] };

describe("who may do what, and what protects, is changed", () => {
  test.each<[string, Service]>([
    ["owners", { ...before, owners: ["others"] }],
    [
      "rollout.serviceAccount",
      { ...before, releaser: "serviceAccount:ci@p.iam.gserviceaccount.com" },
    ],
    ["image", { ...before, image: "us-central1-docker.pkg.dev/p/r/other" }],
    ["sharesWith", { ...before, sharesWith: ["docs"] }],
    ["prod is gone", { ...before, environments: [dev] }],
    ["qa is new", { ...before, environments: [dev, prod, anEnvironment("qa", { stage: 2 })] }],
    ["prod: category", withProd({ category: "external" })],
    ["prod: place", withProd({ project: "elsewhere" })],
    ["prod: access", withProd({ policy: aPolicy({ access }) })],
    ["prod: soak", withProd({ policy: aPolicy({ soak: minutes(1) }) })],
    ["prod: promotion", withProd({ policy: aPolicy({ promotion: "automatic" }) })],
    ["prod: alerts", withProd({ policy: aPolicy({ alerts: { block: ["ERROR"], warn: [] } }) })],
  ])("by %s", (key, after) => {
    expect(changedRights(before, after)).toEqual([key]);
  });

  test("by an environment's lists even where it is for tests", () => {
    const open = { ...dev, policy: { ...dev.policy, access } };
    expect(changedRights(before, { ...before, environments: [open, prod] })).toEqual([
      "dev: access",
    ]);
  });
});

describe("nothing of that is changed", () => {
  test.each<[string, Service]>([
    ["the revision", { ...before, fingerprint: "other", sourceUri: "gs://b/o" }],
    ["the queue", { ...before, queue: "all" }],
    ["a canary", withProd({ policy: aPolicy({ canary: [10] }) })],
    ["nothing at all", before],
  ])("by %s", (_, after) => {
    expect(changedRights(before, after)).toEqual([]);
  });

  test("by a gate where everybody breaks the glass anyway", () => {
    const soaking = { ...dev, policy: { ...dev.policy, soak: minutes(1) } };
    expect(changedRights(before, { ...before, environments: [soaking, prod] })).toEqual([]);
  });

  test("but it is where tests become more than tests with the same change", () => {
    const id = environmentId("dev");
    const grown: Environment = { ...dev, id, category: "internal" };
    const soaking = { ...grown, policy: { ...grown.policy, soak: minutes(1) } };
    expect(changedRights(before, { ...before, environments: [soaking, prod] })).toEqual([
      "dev: category",
      "dev: soak",
    ]);
  });
});
