import { expect, test } from "vitest";
import { leftToTerraform } from "../../infra/plan/left-to-terraform.ts";
import { BASE, place } from "./render-support.ts";
import { readSpec, usable } from "./spec-support.ts";

function left(text: string): readonly string[] {
  const spec = usable(text);
  return leftToTerraform(spec, place(spec));
}

test("every key that has no effect is named once, and only if the file has it", () => {
  expect(left(BASE)).toEqual(["service.iam", "domain", "resources.postgreSQL"]);
  expect(left(readSpec("job"))).toEqual([]);
  const all = left(readSpec("upstream-everything"));
  expect(all).toEqual(
    expect.arrayContaining(["resources.redis", "resources.bigQueryDataset", "allowDestroys"]),
  );
  expect(new Set(all).size).toBe(all.length);
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
