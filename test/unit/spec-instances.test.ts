import { describe, expect, test } from "vitest";
import { edit, problemsOf, readSpec, told, usable } from "./spec-support.ts";

const base = readSpec("base");
const DEV = "environments[0]";
const PROD = "environments[1]";

function size(cpu: string, memory: string): string {
  return edit(base, ["{cpu: 1, memory: 512Mi}", `{cpu: ${cpu}, memory: ${memory}}`]);
}

function part(resources: string, scaling: string): string {
  return edit(size("0.5", resources), [
    "resources: {cpu: 0.5",
    `scaling: ${scaling}\n      resources: {cpu: 0.5`,
  ]);
}

const REFUSED_UPSTREAM = `warning ${DEV}.instances.resources.cpu |  | which upstream's tooling refuses`;

describe("instances", () => {
  test.each([
    ["1", "512Mi"],
    ["8", "32Gi"],
    ["1", "4Gi"],
    ["2", "8Gi"],
    ["4", "16Gi"],
    ["6", "24Gi"],
    ["8", "25Gi"],
    ["4", "2Gi"],
    ["6", "4Gi"],
    ["8", "4Gi"],
    ["1", "+1Gi"],
    ["1", "1Gi512Mi"],
    ["2", "5368709120B"],
  ])("%s processors and %s fit each other", (cpu, memory) => {
    expect(problemsOf(size(cpu, memory))).toEqual(told([]));
  });

  test.each([
    ["0", "512Mi", "cpu", "must be 1, 2, 4, 6, 8, or a part of one from 0.08 on"],
    ["0.079", "512Mi", "cpu", "not 0.079"],
    ["0.0801", "512Mi", "cpu", "in thousandths, not 0.0801"],
    ["-1", "512Mi", "cpu", "not -1"],
    ["3", "4Gi", "cpu", "not 3"],
    ["5", "4Gi", "cpu", "not 5"],
    ["7", "4Gi", "cpu", "not 7"],
    ["9", "8Gi", "cpu", "not 9"],
    ["1.5", "1Gi", "cpu", "not 1.5"],
    ["one", "1Gi", "cpu", "must be a number"],
    ["1", "+", "memory", "must be an amount of memory"],
    ["1", "++1Gi", "memory", "must be an amount of memory"],
    ["1", "-1Gi", "memory", "must be an amount of memory"],
    ["1", "511Mi", "memory", "must be at least 512Mi, not 511Mi"],
    ["8", "33Gi", "memory", "must be at most 32Gi, not 33Gi"],
    ["1", "512M", "memory", "must be an amount of memory"],
    ["1", "512MiB", "memory", "must be an amount of memory"],
    ["1", '""', "memory", "must be an amount of memory"],
    ["1", "5Gi", "cpu", "at least 2 for more than 4Gi"],
    ["2", "9Gi", "cpu", "at least 4 for more than 8Gi"],
    ["4", "17Gi", "cpu", "at least 6 for more than 16Gi"],
    ["6", "25Gi", "cpu", "at least 8 for more than 24Gi"],
    ["4", "2047Mi", "memory", "at least 2Gi for 4 processors, not 2047Mi"],
    ["6", "4095Mi", "memory", "at least 4Gi for 6 processors, not 4095Mi"],
    ["8", "4095Mi", "memory", "at least 4Gi for 8 processors, not 4095Mi"],
    ["8", "32.5Gi", "memory", "is more than Cloud Run gives to 8 processors"],
    ["1", "4.5Gi", "memory", "is more than Cloud Run gives to 1 processors"],
    ["1", "4097Mi", "memory", "is more than Cloud Run gives to 1 processors"],
    ["2", "8193Mi", "memory", "is more than Cloud Run gives to 2 processors"],
    ["4", "16385Mi", "memory", "is more than Cloud Run gives to 4 processors"],
    ["6", "24577Mi", "memory", "is more than Cloud Run gives to 6 processors"],
    ["8", "32769Mi", "memory", "is more than Cloud Run gives to 8 processors"],
  ])("%s processors and %s do not: %s", (cpu, memory, key, message) => {
    expect(problemsOf(size(cpu, memory))).toEqual(
      told([`error ${DEV}.instances.resources.${key} |  | ${message}`]),
    );
  });

  test("a part of a processor serves one request at a time, in the first execution environment", () => {
    const one = "{maxRequestConcurrency: 1}";
    expect(problemsOf(part("1Gi, cloudRunGeneration: 1", one))).toEqual(told([REFUSED_UPSTREAM]));
    expect(problemsOf(part("1Gi, cloudRunGeneration: 2", one))).toEqual(
      told([
        REFUSED_UPSTREAM,
        `error ${DEV}.instances.resources.cloudRunGeneration | 2 | must be 1 for less than one`,
      ]),
    );
    expect(problemsOf(part("1Gi", "{maxRequestConcurrency: 2}"))).toEqual(
      told([
        `error ${DEV}.instances.scaling.maxRequestConcurrency | 2 | must be 1 for less than one processor, not 2`,
        REFUSED_UPSTREAM,
      ]),
    );
    expect(problemsOf(part("1Gi", "{maxCount: 2}"))).toEqual(
      told([
        `error ${DEV}.instances.scaling.maxRequestConcurrency |  | must be 1 for less than one processor, not left out`,
        REFUSED_UPSTREAM,
      ]),
    );
  });

  test.each([
    ["0.08", "512Mi", []],
    ["0.499", "512Mi", []],
    ["0.499", "513Mi", ["at least 0.5 for more than 512Mi"]],
    ["0.5", "1Gi", []],
    ["0.5", "1025Mi", ["at least 1 for more than 1024Mi"]],
    ["0.999", "1Gi", []],
  ])("%s of a processor with %s", (cpu, memory, messages) => {
    const text = edit(size(cpu, memory), [
      `resources: {cpu: ${cpu}`,
      `scaling: {maxRequestConcurrency: 1}\n      resources: {cpu: ${cpu}`,
    ]);
    const errors = messages.map(
      (message) => `error ${DEV}.instances.resources.cpu |  | ${message}`,
    );
    expect(problemsOf(text)).toEqual(told([REFUSED_UPSTREAM, ...errors]));
  });

  test.each([
    ["{minCount: -1}", "minCount", "must be 0 or more"],
    ["{minCount: 6}", "maxCount", "must be at least 6, not 5"],
    ["{maxCount: 0}", "maxCount", "must be at least 1"],
    ["{maxRequestConcurrency: 0}", "maxRequestConcurrency", "must be 1 to 1000"],
    ["{maxRequestConcurrency: 1001}", "maxRequestConcurrency", "must be 1 to 1000"],
  ])("the scaling %s is refused, as Cloud Run does", (scaling, key, message) => {
    const text = edit(base, ["{minCount: 1, maxCount: 5}", scaling]);
    expect(problemsOf(text)).toEqual(
      told([`error ${PROD}.instances.scaling.${key} |  | ${message}`]),
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
    const domain =
      "    domain: {type: cloudflare, cloudflare: {subdomain: web, zone: example.com}}";
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

  test.each([
    ["{zone: example.com}", "subdomain"],
    ["{subdomain: web}", "zone"],
    ['{subdomain: "", zone: example.com}', "subdomain"],
  ])("a domain of Cloudflare with %s is refused without its %s", (cloudflare, key) => {
    const domain = "{type: cloudflare, cloudflare: {subdomain: web, zone: example.com}}";
    const changed = `{type: cloudflare, cloudflare: ${cloudflare}}`;
    expect(problemsOf(edit(base, [domain, changed]))).toEqual(
      told([`error ${PROD}.domain.cloudflare.${key} |  | is required for type cloudflare`]),
    );
  });

  test.each([
    "{cloudflare: {subdomain: web, zone: example.com}}",
    "{type: none, cloudflare: {subdomain: web, zone: example.com}}",
  ])("the domain %s has a name without an entry, which is a warning", (changed) => {
    const domain = "{type: cloudflare, cloudflare: {subdomain: web, zone: example.com}}";
    expect(problemsOf(edit(base, [domain, changed]))).toEqual(
      told([`warning ${PROD}.domain.type |  | is none, but there is a block cloudflare`]),
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
    ["{timeout: 240}", { livenessInterval: 2400 }],
    ["{timeout: 1, startupInterval: 240}", { startupInterval: 240 }],
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
    ["{timeout: 241}", "timeout", "must be 1 to 240 seconds, not 241"],
    ["{timeout: 0}", "timeout", "must be 1 to 240 seconds, not 0"],
    ["{timeout: -1}", "timeout", "must be 1 to 240 seconds, not -1"],
    ["{startupInterval: 241}", "startupInterval", "must be at most 240 seconds, not 241"],
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
