import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { aCandidate } from "../support/builders.ts";
import { linesOf, openCli } from "./cli-setting.ts";
import type { CliSetting } from "./cli-setting.ts";

const Numbered = z.object({ sequence: z.number() });

let setting: CliSetting;
beforeEach(async () => {
  setting = await openCli();
  await setting.finishRollouts();
});
afterEach(async () => {
  await setting.close();
});

describe("promote", () => {
  test("starts a promotion and says which", async () => {
    const { code, out } = await setting.run(["promote", "web", "prod", "--reason", "it is time"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^RUNNING {2}r-\S+ into prod {2}r-\S+-to-prod-0001\n$/);
    expect([...setting.world.memory.world.store.promotions.values()]).toContainEqual(
      expect.objectContaining({
        environment: "prod",
        reason: "it is time",
        requestedBy: "user:dana@example.com",
      }),
    );
  });

  test("--watch follows the steps to the end", async () => {
    let isFinished = false;
    const { code, out } = await setting.run(["promote", "web", "prod", "--watch"], {
      onOutput: (output) => {
        if (!isFinished && output.includes("rollout running")) {
          isFinished = true;
          void setting.finishRollouts();
        }
      },
    });
    expect(code).toBe(0);
    const lines = linesOf(out);
    expect(lines[0]).toMatch(/^RUNNING/);
    expect(lines).toContain("  rollout succeeded");
    expect(lines.at(-1)).toMatch(/^SUCCEEDED/);
  });

  test("--watch exits with 1 when the rollout fails", async () => {
    const { cloudDeploy } = setting.world.memory;
    let isFailed = false;
    const { code, err } = await setting.run(["promote", "web", "prod", "--watch"], {
      onOutput: (output) => {
        const id = /(r-\S+-to-prod-0001)/.exec(output)?.[1];
        if (!isFailed && id !== undefined) {
          isFailed = true;
          cloudDeploy.fail(id, "the container did not start");
          void setting.finishRollouts();
        }
      },
    });
    expect(code).toBe(1);
    expect(err).toContain("ended FAILED");
    expect(err).toContain("the container did not start");
    const { out } = await setting.run(["status", "web"]);
    expect(out).toMatch(/prod +none .*v1 failed: .*the container did not start/);
  });

  test("--watch gives up in time", async () => {
    const words = ["promote", "web", "prod", "--watch", "--timeout", "1s"];
    const { code, err } = await setting.run(words);
    expect(code).toBe(1);
    expect(err).toContain("has not ended in time: it is RUNNING");
  });

  test("--validate-only says what would happen, and nothing does", async () => {
    const { code, out } = await setting.run(["promote", "web", "prod", "--validate-only"]);
    expect(code).toBe(0);
    expect(linesOf(out)[0]).toBe("Nothing was started. This would happen:");
    expect(linesOf(out).join("\n")).toMatch(/OPEN order/);
    expect(setting.world.memory.world.store.promotions.size).toBe(1);
  });
});

describe("holds", () => {
  test("stop a promotion, which waits and says why, until they are lifted", async () => {
    const held = await setting.run([
      "hold",
      "web",
      "prod",
      "--reason",
      "audit",
      "--until",
      "2000d",
    ]);
    const id = held.out.split(" ")[0] ?? "";
    expect(held.out).toMatch(/^hold-\w+ holds web\/prod; ends in \d+d\n$/);
    const waiting = await setting.run(["promote", "web", "prod"]);
    expect(waiting.code).toBe(0);
    expect(waiting.out).toMatch(/^WAITING/);
    expect(waiting.out).toContain("audit");
    expect((await setting.run(["status"])).out).toMatch(/prod .*WAITING hold: .*audit/);
    expect((await setting.run(["hold", "lift", id])).out).toBe(`${id} is lifted\n`);
    expect((await setting.run(["hold", "list"])).out).toBe("Nothing is held.\n");
    expect((await setting.run(["status"])).out).toMatch(/prod .*RUNNING/);
  });

  test("refuse a promotion that does not want to wait", async () => {
    await setting.run(["hold", "--reason", "the network is down"]);
    const { code, err } = await setting.run(["promote", "web", "prod", "--no-wait"]);
    expect(code).toBe(1);
    expect(err).toContain("the network is down");
  });

  test("are broken by who may, with a reason", async () => {
    await setting.run(["hold", "web", "--reason", "audit"]);
    const words = ["promote", "web", "prod", "--break-glass"];
    expect(await setting.run([...words, "--reason", "fire"])).toMatchObject({ code: 1 });
    expect(await setting.run([...words, "--as", "oncall"])).toMatchObject({ code: 1 });
    const broken = await setting.run([...words, "--as", "oncall", "--reason", "fire"]);
    expect(broken).toMatchObject({ code: 0 });
    expect(broken.out).toMatch(/^RUNNING/);
  });

  test("are broken one by one: what was not chosen keeps it waiting, and what there is not is refused", async () => {
    await setting.run(["hold", "web", "--reason", "audit"]);
    const words = ["promote", "web", "prod", "--as", "oncall", "--reason", "fire"];
    const waiting = await setting.run([...words, "--break-glass", "window,soak"]);
    expect(waiting.out).toMatch(/^WAITING/);
    const unknown = await setting.run([...words, "--break-glass", "holds"]);
    expect(unknown).toMatchObject({ code: 1 });
    expect(unknown.err).toContain("a list of gates among order, bad-release, provenance, hold");
    const passed = await setting.run([...words, "--break-glass", "hold"]);
    expect(passed.out).toMatch(/^RUNNING/);
  });
});

test("a waiting promotion is cancelled", async () => {
  await setting.run(["hold", "web", "--reason", "audit"]);
  const id = (await setting.run(["promote", "web", "prod"])).out.split(/\s+/)[4] ?? "";
  const { code, out } = await setting.run(["cancel", id, "--reason", "wrong one"]);
  expect(code).toBe(0);
  expect(out).toMatch(/^CANCELLED/);
});

describe("the record", () => {
  test("is printed, newest last", async () => {
    const { out } = await setting.run(["audit", "tail", "web", "--limit", "2"]);
    const lines = linesOf(out);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain("promotion.succeeded");
  });

  test("is followed until interrupted", async () => {
    let isTold = false;
    const { out } = await setting.run(["audit", "tail", "web", "--follow", "--json"], {
      onOutput: (output, end) => {
        if (!isTold) {
          isTold = true;
          void setting.tell({ kind: "image-found", candidate: aCandidate(2), by: "registry" });
        }
        if (output.includes('"release.created"') && output.includes("promotion.requested")) {
          const releases = output.match(/"kind":"release\.created"/g) ?? [];
          if (releases.length > 1) {
            end();
          }
        }
      },
    });
    const sequences = linesOf(out).map((line) => Numbered.parse(JSON.parse(line)).sequence);
    expect(sequences).toEqual(sequences.map((_, at) => at + 1));
  });

  test("verifies, chain by chain", async () => {
    await setting.run(["hold", "--reason", "everything"]);
    const { code, out } = await setting.run(["audit", "verify"]);
    expect(code).toBe(0);
    expect(linesOf(out)).toEqual([
      expect.stringMatching(/^intact {2}_slipway: 1 record$/),
      expect.stringMatching(/^intact {2}web: \d+ records$/),
    ]);
  });

  test("that was changed afterwards is found, at the first record that does not fit", async () => {
    const records = setting.world.memory.world.store.records.get("web") ?? [];
    const [, second] = records;
    if (second === undefined) {
      throw new Error("there are records");
    }
    records[1] = { ...second, by: "user:mallory@example.com" };
    const { code, out } = await setting.run(["audit", "verify", "web"]);
    expect(code).toBe(1);
    expect(out).toContain("broken  web: at record 2: its content does not match its hash");
  });

  test("that lacks a record is found", async () => {
    setting.world.memory.world.store.records.get("web")?.splice(2, 1);
    const { code, out } = await setting.run(["audit", "verify", "web", "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      chains: [{ chain: "web", head: { sequence: 2 }, broken: { sequence: 4 } }],
    });
  });
});
