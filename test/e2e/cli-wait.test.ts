import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { aCandidate, aPut } from "../support/builders.ts";
import { linesOf, openCli } from "./cli-setting.ts";
import type { CliSetting, Ran } from "./cli-setting.ts";

const TAG = "0123456789ab_42";
const Answer = z.object({
  outcome: z.string(),
  environment: z.string(),
  release: z.string().nullable(),
  summary: z.string(),
});

let setting: CliSetting;
beforeEach(async () => {
  setting = await openCli();
  await setting.tell({
    kind: "image-found",
    candidate: aCandidate(2, { put: aPut(TAG, 2) }),
    by: "registry",
  });
});
afterEach(async () => {
  await setting.close();
});

async function wait(...words: readonly string[]): Promise<Ran> {
  return setting.run(["wait", "web", ...words]);
}

describe("wait", () => {
  test("ends with 0 when the release has arrived, by tag, digest and id", async () => {
    await setting.finishRollouts();
    await setting.finishRollouts();
    const byTag = await wait("--release", TAG, "--json");
    expect(byTag.code).toBe(0);
    const { outcome, environment, release } = Answer.parse(JSON.parse(byTag.out));
    expect([outcome, environment]).toEqual(["reached", "dev"]);
    const names = [aCandidate(2).digest, release ?? ""];
    const others = await Promise.all(names.map(async (name) => wait("dev", "--release", name)));
    expect(others.map(({ code }) => code)).toEqual([0, 0]);
    expect(linesOf(others[0]?.out ?? "")).toEqual([
      expect.stringMatching(/^there {2}release \S+ \(r-\S+\) runs in dev$/) as unknown,
    ]);
  });

  test("says what it waits for, and goes on when that moves", async () => {
    let isFinished = false;
    const { code, out } = await setting.run(["wait", "web", "--release", TAG], {
      onOutput: () => {
        if (!isFinished) {
          isFinished = true;
          void setting.finishRollouts().then(setting.finishRollouts);
        }
      },
    });
    expect(code).toBe(0);
    const lines = linesOf(out);
    expect(lines[0]).toMatch(/^waits {2}release 0123456789ab_42 .* (?:waits|is on its way)/);
    expect(lines.at(-1)).toMatch(/^there /);
  });

  test("ends with 4 when somebody must promote it, and says how", async () => {
    await setting.finishRollouts();
    await setting.finishRollouts();
    const { code, out, err } = await wait("prod", "--release", TAG);
    expect(code).toBe(4);
    expect(out).toMatch(/^needs somebody {2}release .* is not in prod/);
    expect(out).toContain("  slipway promote web prod --release r-");
    expect(err).toContain("somebody must do something");
  });

  test("ends with 1 when the rollout has failed", async () => {
    const { cloudDeploy } = setting.world.memory;
    await setting.finishRollouts();
    const promotions = [...setting.world.memory.world.store.promotions.values()];
    for (const { id } of promotions.filter(({ state }) => state === "RUNNING")) {
      cloudDeploy.fail(id, "the container did not start");
    }
    await setting.finishRollouts();
    const { code, out } = await wait("--release", TAG);
    expect(code).toBe(1);
    expect(out).toMatch(/^failed .*the container did not start/);
  });

  test("ends with 5 when it is not there in time", async () => {
    const { code, out, err } = await wait("--release", "v9", "--timeout", "1s");
    expect(code).toBe(5);
    expect(linesOf(out)).toEqual([
      "waits  there is no release v9 yet",
      "late  there is no release v9 yet",
    ]);
    expect(err).toContain("not there in time: there is no release v9 yet");
  });

  test("ends with 1 when the push was passed over, with the reason", async () => {
    await setting.tell({
      kind: "image-refused",
      digest: aCandidate(3).digest,
      tag: "branch-x",
      reason: "its tag is not one that makes a release",
      otherTags: ["branch-x"],
    });
    const { code, out } = await wait("--release", "branch-x");
    expect(code).toBe(1);
    expect(out).toContain(
      "image branch-x made no release: its tag is not one that makes a release",
    );
  });

  test("ends with 1 for an environment that is not there, and with 2 without a release", async () => {
    const [place, name] = await Promise.all([wait("moon", "--release", TAG), wait()]);
    expect([place.code, name.code]).toEqual([1, 2]);
    expect(place.err).toContain("service web has no environment moon: it has dev, prod");
    expect(name.err).toContain("--release");
  });
});
