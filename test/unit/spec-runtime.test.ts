import { describe, expect, test } from "vitest";
import { BASE } from "./render-support.ts";
import { edit, problemsOf, told, usable } from "./spec-support.ts";

function withDelivery(delivery: string): string {
  return `${BASE}delivery: ${delivery}\n`;
}

function withCheck(value: string): string {
  return withDelivery(`{environments: {prod: {runtime: {invokerCheck: ${value}}}}}`);
}

const PROD = "delivery.environments.prod";

describe("delivery.manages", () => {
  test("is service unless it says image", () => {
    expect(usable(BASE).delivery.manages).toBe("service");
    expect(usable(withDelivery("{manages: image}")).delivery.manages).toBe("image");
    expect(problemsOf(withDelivery("{manages: images}"))).toHaveLength(1);
  });

  test("image takes no canary, because the shares of traffic are Terraform's", () => {
    const text = withDelivery("{manages: image, environments: {prod: {canary: [10]}}}");
    expect(problemsOf(text)).toEqual(
      told([`error ${PROD}.canary | [10] | needs delivery.manages: service`]),
    );
  });

  test("image makes runtime have no effect, and leaves verify as it is", () => {
    const runtime = "runtime: {ingress: all}, verify: {url: https://web.example.com}";
    const text = withDelivery(`{manages: image, environments: {prod: {${runtime}}}}`);
    expect(problemsOf(text)).toEqual(told([`warning ${PROD}.runtime | {ingress | has no effect`]));
  });
});

describe("runtime", () => {
  test.each([
    ["network: {}", "network | {} | must name a network, a subnetwork or a connector"],
    ["network: {connector: c, network: n}", "network.connector | c | stands instead of"],
    ["serviceAccount: ann@example.com", "serviceAccount | ann@example.com | a service account's"],
    ["cloudSqlInstances: [db]", "cloudSqlInstances[0] | db | project:region:instance"],
  ])("{%s} is refused", (runtime, expected) => {
    const text = withDelivery(`{environments: {prod: {runtime: {${runtime}}}}}`);
    expect(problemsOf(text)).toEqual(told([`error ${PROD}.runtime.${expected}`]));
  });

  test("switches the check of callers off only where authentication does not say who may call", () => {
    expect(problemsOf(withCheck("disabled"))).toEqual(told([]));
    expect(problemsOf(withCheck("off"))).toHaveLength(1);
    const closed = (value: string): string =>
      edit(withCheck(value), ["    env: {LOG_LEVEL: info}\n", "    authentication: {}\n"]);
    expect(problemsOf(closed("enabled"))).toEqual(told([]));
    expect(problemsOf(closed("disabled"))).toEqual(
      told([`error ${PROD}.runtime.invokerCheck | disabled | must not be disabled where`]),
    );
  });

  test("network needs no more than a network, and tells its defaults", () => {
    const text = withDelivery("{environments: {prod: {runtime: {network: {network: n}}}}}");
    expect(usable(text).delivery.environments["prod"]?.runtime?.network).toEqual({
      network: "n",
      tags: [],
      egress: "private-ranges-only",
    });
  });
});

describe("a diagnostics secret in Secret Manager", () => {
  const text = edit(BASE, [
    "    env: {LOG_LEVEL: info}\n",
    "    secretEnv: {DIAGNOSTICS_SECRET: d}\n",
  ]);

  test("is told to leave the service without probes", () => {
    const expected = "warning environments[1].secretEnv.DIAGNOSTICS_SECRET | d | gets none of them";
    expect(problemsOf(text)).toEqual(told([expected]));
  });

  test("is nothing to tell of where nothing is probed or rendered", () => {
    const off = edit(text, ["healthProbes: {timeout: 3}", "healthProbes: {healthzProbes: false}"]);
    expect(problemsOf(off)).toEqual([]);
    expect(problemsOf(`${text}delivery: {manages: image}\n`)).toEqual([]);
  });
});

describe("verify.url", () => {
  test.each([
    ["https://web.example.com", true],
    ["http://127.0.0.1:8470", true],
    ["web.example.com", false],
    ["https://web.example.com/-/healthz", false],
    ["https://user@web.example.com", false],
  ])("%s is an address: %s", (url, isAddress) => {
    const text = withDelivery(`{environments: {prod: {verify: {url: "${url}"}}}}`);
    expect(problemsOf(text).length === 0).toBe(isAddress);
  });
});

describe("what comes by itself into an external environment", () => {
  const FIRST = edit(BASE, ["    category: test\n", "    category: external\n"]);
  const path = "warning environments[0].category | external | ";

  test("is told to wait for an approval, and which pushes do", () => {
    expect(problemsOf(FIRST)).toEqual(told([`${path}each push of any tag waits here`]));
    const tagged = `${FIRST}delivery: {tags: '^a$'}\n`;
    expect(problemsOf(tagged)).toEqual(told([`${path}each release waits here`]));
  });

  test("says nothing once it is written that nobody need approve, or who must", () => {
    const text = `${FIRST}delivery: {environments: {dev: {approvals: {required: 0}}}}\n`;
    expect(problemsOf(text)).toEqual([]);
    expect(
      problemsOf(edit(text, ["required: 0", "required: 1"])).map(({ path: at }) => at),
    ).toEqual(["delivery.environments.dev.approvals"]);
  });
});
