import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Service } from "../../shared/domain/service.ts";
import { place } from "./render-support.ts";
import { edit, readSpec, usable } from "./spec-support.ts";

const base = readSpec("base");

function service(text: string, pipelineProject: "own" | "last-stage" = "own"): Service {
  return place(usable(text), pipelineProject);
}

function sample(id: string): string {
  const file = new URL(`../../infra/services/${id}/service.yaml`, import.meta.url);
  return readFileSync(file, "utf8");
}

describe("the service of a specification", () => {
  test("the testbed has dev, which is automatic, and prod, which has a database", () => {
    const testbed = service(sample("msp-testbed"));
    expect(testbed).toMatchObject({
      id: "msp-testbed",
      name: "MSP Testbed",
      kind: "service",
      image: "us-central1-docker.pkg.dev/slipway-local/apps/msp-example",
      tags: { kind: "any" },
      queue: "latest",
      releaser: null,
    });
    expect(testbed.environments).toMatchObject([
      {
        id: "dev",
        category: "test",
        stage: 0,
        hasDatabase: false,
        policy: { promotion: "automatic" },
      },
      {
        id: "prod",
        category: "internal",
        stage: 1,
        hasDatabase: true,
        policy: { promotion: "manual" },
      },
    ]);
  });

  test("stages come first in their order, whatever the order of the environments", () => {
    const swapped = edit(base, [
      "    - environment: dev\n    - environment: prod\n",
      "    - environment: prod\n    - environment: dev\n",
    ]);
    expect(service(swapped).environments.map(({ id, stage }) => [id, stage])).toEqual([
      ["prod", 0],
      ["dev", 1],
    ]);
  });

  test("environments outside the stages come last and have no stage", () => {
    const { environments } = service(readSpec("upstream-everything"));
    expect(environments.map(({ id, stage, deploy }) => [id, stage, deploy.kind])).toEqual([
      ["dev", 0, "rollout"],
      ["prod", 1, "rollout"],
      ["canary", null, "subscription"],
      ["try", null, "manual"],
    ]);
    expect(environments.slice(2).map(({ deploy }) => deploy)).toEqual([
      { kind: "subscription", tag: "insiders" },
      { kind: "manual", tag: "insiders" },
    ]);
  });

  test.each([
    ["delivery: {tags: '^a$'}", { kind: "pattern", pattern: "^a$" }],
    ["delivery: {tags: {semver: '>=1'}}", { kind: "semver", range: ">=1" }],
    ["delivery: {queue: all}", { kind: "any" }],
  ])("%s is read", (written, tags) => {
    expect(service(`${base}${written}\n`).tags).toEqual(tags);
  });

  test("the tag of an image is left out, and the name is the id where there is none", () => {
    const tagged = service(edit(base, ["apps/web\n", "apps/web:insiders\n"]));
    expect(tagged.image).toBe("us-central1-docker.pkg.dev/example/apps/web");
    expect(tagged.name).toBe("web");
    expect(service(readSpec("job")).kind).toBe("job");
  });

  test("the account of the build may make releases", () => {
    const text = edit(base, [
      "rollout:\n",
      "rollout:\n  serviceAccount: CI@p.iam.gserviceaccount.com\n",
    ]);
    expect(service(text).releaser).toBe("serviceAccount:ci@p.iam.gserviceaccount.com");
  });
});

describe("what Cloud Deploy and Cloud Run call an environment", () => {
  test("in a project that services share, targets carry the service's id", () => {
    expect(service(base).environments).toMatchObject([
      {
        pipeline: {
          project: "slipway",
          location: "us-central1",
          id: "web-us-central1-rollout",
        },
        target: "web-dev-us-central1",
        runService: "web-dev-us-central1",
        project: "web-dev-1a2b",
      },
      { target: "web-prod-us-central1", project: "web-prod-3c4d" },
    ]);
  });

  test("in the project of the last stage, the names are those of an existing pipeline", () => {
    expect(service(base, "last-stage").environments).toMatchObject([
      {
        pipeline: { project: "web-prod-3c4d", id: "web-us-central1-rollout" },
        target: "dev-us-central1",
        runService: "web-dev-us-central1",
      },
      { target: "prod-us-central1" },
    ]);
  });

  test("the pipeline is in the region of the last stage, each service in its own", () => {
    const europe =
      "    category: external\n    locations: {gcpRegion: europe-west2, gcpLocation: europe}";
    expect(service(edit(base, ["    category: external", europe])).environments).toMatchObject([
      {
        pipeline: { location: "europe-west2" },
        region: "us-central1",
        runService: "web-dev-us-central1",
      },
      {
        pipeline: { id: "web-europe-west2-rollout" },
        region: "europe-west2",
        runService: "web-prod-europe-west2",
      },
    ]);
  });

  test("an environment outside the stages has a pipeline of its own", () => {
    const { environments } = service(readSpec("upstream-everything"));
    const ids = environments.map(({ pipeline }) => pipeline.id);
    expect(ids).toEqual([
      "everything-us-central1-rollout",
      "everything-us-central1-rollout",
      "everything-canary-us-central1",
      "everything-try-us-central1",
    ]);
  });
});

describe("revision and fingerprint", () => {
  test("the revision has six digits and names the archive", () => {
    const { revision, sourceUri } = service(base);
    expect(revision).toMatch(/^[0-9a-f]{6}$/);
    expect(sourceUri).toBe(`gs://sources/services/web/${revision}.tar.gz`);
  });

  test.each([
    ["a comment", ["service:\n", "# a comment\nservice:\n"], true, true],
    ["an owner", ["[team]", "[other]"], true, false],
    ["a variable", ["LOG_LEVEL: info", "LOG_LEVEL: debug"], false, false],
    ["the memory of an instance", ["memory: 512Mi", "memory: 1Gi"], false, false],
    ["the repository of the image", ["apps/web\n", "apps/www\n"], false, false],
  ] as const)("a change of %s changes what it should", (_name, change, sameRevision, samePrint) => {
    const before = service(base);
    const after = service(edit(base, change));
    expect(after.revision === before.revision).toBe(sameRevision);
    expect(after.fingerprint === before.fingerprint).toBe(samePrint);
  });

  test("a change of a gate keeps the revision, one of the canary does not", () => {
    const before = service(base);
    const soak = service(`${base}delivery: {environments: {prod: {soak: 1h}}}\n`);
    const canary = service(`${base}delivery: {environments: {prod: {canary: [10]}}}\n`);
    expect(soak.revision).toBe(before.revision);
    expect(soak.fingerprint).not.toBe(before.fingerprint);
    expect(canary.revision).not.toBe(before.revision);
  });
});
