import { describe, expect, test } from "vitest";
import { pipelinesOf } from "../../infra/resources/delivery-pipeline.ts";
import { defaultDeployAccount } from "../../infra/resources/execution.ts";
import { describedChanges, refuseForeign, withMarks } from "../../infra/resources/ownership.ts";
import { describeStages } from "../../infra/resources/stage-text.ts";
import { aService, anEnvironment } from "../support/builders.ts";

function canary(...percentages: readonly number[]): object {
  return {
    canary: {
      runtimeConfig: { cloudRun: { automaticTrafficControl: true } },
      canaryDeployment: { percentages },
    },
  };
}

describe("the stages of a pipeline", () => {
  test("mean the same whatever the client fills in for what is absent", () => {
    const asked = [{ targetId: "dev", profiles: ["dev"], strategy: { standard: {} } }];
    const answered = [
      {
        targetId: "dev",
        profiles: ["dev"],
        deployParameters: [],
        strategy: {
          standard: { verify: false, predeploy: null, postdeploy: null },
          deploymentStrategy: "standard",
        },
      },
    ];
    expect(describeStages(answered)).toBe(describeStages(asked));
  });

  test("mean another thing with another percentage, profile or order", () => {
    const texts = [
      [{ targetId: "dev", strategy: canary(10) }, { targetId: "prod" }],
      [{ targetId: "dev", strategy: canary(10, 50) }, { targetId: "prod" }],
      [{ targetId: "dev", profiles: ["x"], strategy: canary(10) }, { targetId: "prod" }],
      [{ targetId: "prod" }, { targetId: "dev", strategy: canary(10) }],
    ].map(describeStages);
    expect(new Set(texts).size).toBe(texts.length);
  });
});

describe("the account that deploys", () => {
  test("is one of the installation's project, and of its domain where it has one", () => {
    expect([defaultDeployAccount("acme"), defaultDeployAccount("example.com:acme")]).toEqual([
      "slipway-deploy@acme.iam.gserviceaccount.com",
      "slipway-deploy@acme.example.com.iam.gserviceaccount.com",
    ]);
  });
});

describe("what a resource has in common with our wish", () => {
  const wanted = {
    description: "Web in dev",
    labels: { "slipway-service": "web" },
    annotations: {},
  };

  test("needs no change when the marks are there among others", () => {
    const there = {
      description: "Web in dev",
      labels: { team: "core", "slipway-service": "web" },
      annotations: { other: "x" },
    };
    expect(describedChanges(there, wanted)).toEqual([]);
  });

  test("needs only the fields changed that differ", () => {
    const there = { description: "", labels: { "slipway-service": "web" } };
    expect(describedChanges(there, wanted)).toEqual([
      { field: "description", from: "", to: "Web in dev" },
    ]);
  });

  test("keeps the labels of others beside the marks", () => {
    const there = { labels: { team: "core", "slipway-service": "old" } };
    expect(describedChanges(there, wanted)).toContainEqual({
      field: "labels",
      from: "slipway-service=old",
      to: "slipway-service=web",
    });
    expect(withMarks(there, wanted).labels).toEqual({ team: "core", "slipway-service": "web" });
  });

  test("belongs to nobody without a mark, and to the service that the mark names", () => {
    const service = aService();
    expect(() => {
      refuseForeign("target", {}, service);
      refuseForeign("target", { labels: { "slipway-service": "web" } }, service);
    }).not.toThrow();
    expect(() => {
      refuseForeign("target", { labels: { "slipway-service": "shop" } }, service);
    }).toThrow("target belongs to service shop");
  });
});

describe("pipelines", () => {
  test("are one of all stages, in their order, and one of each environment outside", () => {
    const demo = anEnvironment("demo", {
      stage: null,
      pipeline: { project: "slipway", location: "us-central1", id: "web-demo-us-central1" },
    });
    const service = aService();
    const environments = [...service.environments, demo];
    const found = pipelinesOf(aService({ environments })).map((wish) => [
      wish.pipeline.id,
      wish.environments.map(({ id }) => id),
    ]);
    expect(found).toEqual([
      ["web-us-central1-rollout", ["dev", "prod"]],
      ["web-demo-us-central1", ["demo"]],
    ]);
  });
});
