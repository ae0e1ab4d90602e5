import { describe, expect, test } from "vitest";
import { edit, problemsOf, readSpec, told, usable } from "./spec-support.ts";

const base = readSpec("base");
const DEV = "environments[0]";
const PROD = "environments[1]";

function size(cpu: string, memory: string): string {
  return edit(base, ["{cpu: 1, memory: 512Mi}", `{cpu: ${cpu}, memory: ${memory}}`]);
}

describe("instances", () => {
  test.each([
    ["1", "512Mi"],
    ["8", "32Gi"],
    ["1", "4Gi"],
    ["2", "8Gi"],
    ["4", "16Gi"],
    ["6", "24Gi"],
    ["8", "25Gi"],
    ["4", "1Gi"],
    ["5", "2Gi"],
    ["6", "3Gi"],
    ["7", "4Gi"],
    ["1", "1Gi512Mi"],
    ["2", "5368709120B"],
  ])("%s processors and %s fit each other", (cpu, memory) => {
    expect(problemsOf(size(cpu, memory))).toEqual(told([]));
  });

  test.each([
    ["0", "512Mi", "cpu", "must be at least 1, not 0"],
    ["9", "8Gi", "cpu", "must be at most 8, not 9"],
    ["1.5", "1Gi", "cpu", "must be a whole number"],
    ["1", "511Mi", "memory", "must be at least 512Mi, not 511Mi"],
    ["8", "33Gi", "memory", "must be at most 32Gi, not 33Gi"],
    ["1", "512M", "memory", "must be an amount of memory"],
    ["1", "512MiB", "memory", "must be an amount of memory"],
    ["1", '""', "memory", "must be an amount of memory"],
    ["1", "5Gi", "cpu", "at least 2 for more than 4Gi"],
    ["2", "9Gi", "cpu", "at least 4 for more than 8Gi"],
    ["4", "17Gi", "cpu", "at least 6 for more than 16Gi"],
    ["6", "25Gi", "cpu", "at least 8 for more than 24Gi"],
    ["5", "1Gi", "memory", "at least 2Gi for more than 4 processors"],
    ["7", "3Gi", "memory", "at least 4Gi for more than 6 processors"],
  ])("%s processors and %s do not: %s", (cpu, memory, key, message) => {
    expect(problemsOf(size(cpu, memory))).toEqual(
      told([`error ${DEV}.instances.resources.${key} |  | ${message}`]),
    );
  });

  test.each([
    ["8", "32.5Gi"],
    ["1", "4.5Gi"],
  ])("%s processors and %s pass upstream, which counts whole Gi, with a warning", (cpu, memory) => {
    expect(problemsOf(size(cpu, memory))).toEqual(
      told([`warning ${DEV}.instances.resources.memory | ${memory} | Cloud Run does not give it`]),
    );
  });

  test.each([
    ["{minCount: -1}", "minCount", "should be 0 or more"],
    ["{minCount: 6}", "maxCount", "should be at least 6, not 5"],
    ["{maxCount: 0}", "maxCount", "should be at least 1"],
    ["{maxRequestConcurrency: 0}", "maxRequestConcurrency", "should be 1 to 1000"],
    ["{maxRequestConcurrency: 1001}", "maxRequestConcurrency", "should be 1 to 1000"],
  ])("the scaling %s passes upstream with a warning", (scaling, key, message) => {
    const text = edit(base, ["{minCount: 1, maxCount: 5}", scaling]);
    expect(problemsOf(text)).toEqual(
      told([`warning ${PROD}.instances.scaling.${key} |  | ${message}`]),
    );
  });

  test("an execution environment other than 1 and 2 passes upstream with a warning", () => {
    expect(problemsOf(size("1", "512Mi, cloudRunGeneration: 3"))).toEqual(
      told([`warning ${DEV}.instances.resources.cloudRunGeneration | 3 | should be 1 or 2`]),
    );
    expect(problemsOf(size("1", "512Mi, cloudRunGeneration: 2"))).toEqual(told([]));
  });

  test("missing instances are refused where the environment starts", () => {
    expect(
      problemsOf(edit(base, ["    instances:\n      resources: {cpu: 1, memory: 512Mi}\n", ""])),
    ).toEqual(told([`error ${DEV}.instances | id: dev | is required`]));
  });
});

describe("domains and probes", () => {
  test("a name that two environments have is refused", () => {
    const domain = "    domain: {cloudflare: {subdomain: web, zone: example.com}}";
    expect(problemsOf(edit(base, ["    category: test", `    category: test\n${domain}`]))).toEqual(
      told([
        `error ${PROD}.domain.cloudflare | {sub | is web.example.com, which is the name of dev too`,
      ]),
    );
  });

  test("an unknown type of domain, and one without its block, pass upstream with a warning", () => {
    const domain = "{type: cloudflare, cloudflare: {subdomain: web, zone: example.com}}";
    expect(problemsOf(edit(base, [domain, "{type: dns}"]))).toEqual(
      told([`warning ${PROD}.domain.type | dns | none or cloudflare`]),
    );
    expect(problemsOf(edit(base, [domain, "{type: cloudflare}"]))).toEqual(
      told([`warning ${PROD}.domain.type | cloudflare | there is no block`]),
    );
  });

  test("Cloudflare's proxy is on unless it is turned off", () => {
    expect(usable(base).environments[1]?.domain?.cloudflare?.proxied).toBe(true);
  });

  test.each([
    ["{}", { healthzProbes: true, timeout: 3, startupInterval: 3, livenessInterval: 30 }],
    ["{timeout: 5}", { healthzProbes: true, timeout: 5, startupInterval: 5, livenessInterval: 50 }],
    [
      "{timeout: 5, startupInterval: 5, livenessInterval: 5}",
      { timeout: 5, startupInterval: 5, livenessInterval: 5 },
    ],
    ["{livenessInterval: 3600}", { livenessInterval: 3600 }],
    ["{timeout: 360}", { livenessInterval: 3600 }],
    ["{healthzProbes: false}", { healthzProbes: false }],
  ])("the probes %s are fine", (probes, expected) => {
    const text = edit(base, ["{timeout: 3}", probes]);
    expect(problemsOf(text)).toEqual(told([]));
    expect(usable(text).environments[1]?.healthProbes).toMatchObject(expected);
  });

  test.each([
    ["{healthzProbes: false, timeout: 3}", "timeout", "has no meaning"],
    [
      "{timeout: 3, startupInterval: 2}",
      "startupInterval",
      "at least the timeout of 3 seconds, not 2",
    ],
    [
      "{timeout: 3, livenessInterval: 2}",
      "livenessInterval",
      "at least the timeout of 3 seconds, not 2",
    ],
    ["{livenessInterval: 3601}", "livenessInterval", "must be at most 3600"],
    ["{timeout: 361}", "timeout", "makes livenessInterval"],
  ])("the probes %s are refused", (probes, key, message) => {
    expect(problemsOf(edit(base, ["{timeout: 3}", probes]))).toEqual(
      told([`error ${PROD}.healthProbes.${key} |  | ${message}`]),
    );
  });

  test("without the block there are no probes", () => {
    expect(usable(base).environments[0]?.healthProbes).toBeUndefined();
  });

  test("the probes of the older generation are read as the newer one would write them", () => {
    const old =
      "    startupProbe: {timeout: 1, interval: 4}\n    livenessProbe: {timeout: 2, interval: 20}";
    const text = edit(base, ["    healthProbes: {timeout: 3}", old]);
    expect(problemsOf(text)).toEqual(
      told([
        `warning ${PROD}.startupProbe | startupProbe | is an old key`,
        `warning ${PROD}.livenessProbe | livenessProbe | is an old key`,
      ]),
    );
    expect(usable(text).environments[1]?.healthProbes).toEqual({
      healthzProbes: true,
      timeout: 2,
      startupInterval: 4,
      livenessInterval: 20,
    });
  });
});
