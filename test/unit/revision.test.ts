import { describe, expect, test } from "vitest";
import { BASE, place } from "./render-support.ts";
import { edit, usable } from "./spec-support.ts";

function revisionOf(text: string): string {
  return place(usable(text)).revision;
}

const IMAGE_ONLY = `${BASE}delivery: {manages: image}\n`;

describe("the revision", () => {
  test.each([
    ["the size of a cache", "    resources:\n", "    resources:\n      redis: {memoryGB: 4}\n"],
    ["the roles of the account", "roles: [roles/run.viewer]", "roles: [roles/aiplatform.user]"],
    ["the services to enable", "    roles: [roles/run.viewer]", "    services: [a.googleapis.com]"],
    ["the size of the database", "cpu: 2, memoryGB: 8", "cpu: 4, memoryGB: 16"],
    ["the owners", "owners: [team]", "owners: [others]"],
  ])("stays with a change that no manifest shows: %s", (_, from, to) => {
    expect(revisionOf(edit(BASE, [from, to]))).toBe(revisionOf(BASE));
  });

  test.each([
    ["a variable", "LOG_LEVEL: info", "LOG_LEVEL: debug"],
    ["the memory", "memory: 8Gi", "memory: 16Gi"],
    [
      "that there is a database, whose user is a variable",
      "  postgreSQL: {databases: [primary], cpu: 2, memoryGB: 8}",
      "  redis: {}",
    ],
    [
      "the order of the stages",
      "    - environment: dev\n    - environment: prod\n",
      "    - environment: prod\n    - environment: dev\n",
    ],
    ["the project", "projectID: web-prod-3c4d", "projectID: web-prod-5e6f"],
    ["the image", "apps/web\n", "apps/www\n"],
  ])("changes with what is deployed: %s", (_, from, to) => {
    expect(revisionOf(edit(BASE, [from, to]))).not.toBe(revisionOf(BASE));
  });

  test("changes with the percentages of a canary", () => {
    const canary = (list: string): string =>
      revisionOf(`${BASE}delivery: {environments: {prod: {canary: ${list}}}}\n`);
    expect(canary("[10]")).not.toBe(canary("[20]"));
    expect(canary("[]")).toBe(revisionOf(BASE));
  });

  test("is of six digits, and names the archive", () => {
    const { revision, sourceUri } = place(usable(BASE));
    expect(revision).toMatch(/^[0-9a-f]{6}$/);
    expect(sourceUri).toBe(`gs://sources/services/web/${revision}.tar.gz`);
  });
});

describe("the revision where a release changes the image alone", () => {
  test.each([
    ["a variable", "LOG_LEVEL: info", "LOG_LEVEL: debug"],
    ["the memory", "memory: 8Gi", "memory: 16Gi"],
    ["the probes", "healthProbes: {timeout: 3}", "healthProbes: {timeout: 5}"],
  ])("stays with a change of %s, which has no effect", (_, from, to) => {
    expect(revisionOf(edit(IMAGE_ONLY, [from, to]))).toBe(revisionOf(IMAGE_ONLY));
  });

  test("is another than that of whole services, and changes with the image", () => {
    expect(revisionOf(IMAGE_ONLY)).not.toBe(revisionOf(BASE));
    expect(revisionOf(edit(IMAGE_ONLY, ["apps/web\n", "apps/www\n"]))).not.toBe(
      revisionOf(IMAGE_ONLY),
    );
  });
});
