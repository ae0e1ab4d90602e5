import { expect, test } from "vitest";
import { leftToTerraform } from "../../infra/plan/left-to-terraform.ts";
import { BASE, place, withLines } from "./render-support.ts";
import { readSpec, usable } from "./spec-support.ts";

function left(text: string): readonly string[] {
  const spec = usable(text);
  return leftToTerraform(spec, place(spec));
}

test("every key that has no effect is named once, and only if the file has it", () => {
  expect(left(BASE)).toEqual(["service.iam", "domain", "resources.postgreSQL"]);
  expect(left(readSpec("job"))).toEqual([]);
  expect(left(readSpec("upstream-everything"))).toEqual([
    "service.iam",
    "rollout.initialImageTag",
    "monitoring.nobl9",
    "domain",
    "resources.redis",
    "resources.postgreSQL",
    "resources.bigQueryDataset",
    "alerting",
    "allowDestroys",
  ]);
});

test.each([
  ["whom to call where it is not as usual", "alerting: {opsgenie: false}", true],
  ["whom to call as it is without the key", "alerting: {opsgenie: true}", false],
  ["another location", "locations: {gcpRegion: us-central1, gcpLocation: europe}", true],
  ["the usual location", "locations: {gcpRegion: us-central1, gcpLocation: US}", false],
])("%s is named only where it would make a difference", (_, line, isNamed) => {
  const all = left(withLines("env: {LOG_LEVEL: info}", line));
  expect(all.some((key) => line.startsWith(key.split(".")[0] ?? key))).toBe(isNamed);
});

test("alerts are made of the file, unless a release changes the image alone", () => {
  const alerts =
    "monitoring: {alerts: {responseCodeRatios: [{id: a, name: A, codeClass: 5xx, ratio: 0.1}]}}\n";
  expect(left(`${BASE}${alerts}`)).not.toContain("monitoring.alerts");
  expect(left(`${BASE}${alerts}delivery: {manages: image}\n`)).toContain("monitoring.alerts");
});

test("where a release changes the image alone, the rest of the service is left too", () => {
  expect(left(`${BASE}delivery: {manages: image}\n`)).toEqual([
    "service.iam",
    "domain",
    "resources.postgreSQL",
    "instances",
    "env",
    "healthProbes",
  ]);
});
