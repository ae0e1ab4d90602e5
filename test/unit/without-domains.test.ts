import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

const WITHOUT_DOMAINS = new URL("../../infra/local/without-domains.ts", import.meta.url).href;

test("a promise of a function that fails outside of its answer ends the process with its own error", () => {
  const script = `
    const { leaveOutDomains } = await import(${JSON.stringify(WITHOUT_DOMAINS)});
    leaveOutDomains();
    void Promise.reject(new Error("the queue is gone"));
    setTimeout(() => console.log("went on"), 60_000);
  `;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", script],
    { encoding: "utf8" },
  );
  expect(stderr).toContain("Error: the queue is gone");
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
});
