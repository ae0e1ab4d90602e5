import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startArguments } from "../support/start-command.ts";

const TAG = "cccccccccc2a_42";

let folder: string;
/** The story, played once for all tests. */
let first: Ended;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-once-"));
  first = await startOnce("--keep");
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

type Ended = {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly errors: string;
};

/** Runs `slipway start --once` in the folder as `npm start -- --once` does, to its end. */
async function startOnce(...options: readonly string[]): Promise<Ended> {
  const words = [...startArguments(), "--once", "--port", "any", ...options];
  const child = spawn(process.execPath, words, { cwd: folder, stdio: "pipe" });
  const ended = new Promise<number | null>((resolve) => {
    child.once("exit", resolve);
  });
  const [code, output, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, lines: output.trimEnd().split("\n"), errors };
}

/** The lines of the timeline as columns, without its times. */
function timelineOf({ lines }: Ended): readonly (readonly string[])[] {
  const from = lines.findIndex((line) => line.includes("ENVIRONMENT"));
  return lines.slice(from + 1).map((line) =>
    line
      .trim()
      .split(/\s{2,}/)
      .slice(0, 4),
  );
}

const DEPLOYED = [
  ["approval-demo", "prod", TAG, "manual"],
  ["approval-demo", "dev", TAG, "automatic"],
  ["msp-testbed", "prod", TAG, "manual"],
  ["msp-testbed", "dev", TAG, "automatic"],
];

describe("slipway start --once", () => {
  test("plays the samples from a push to production, with a backup and an approval, and exits 0", () => {
    expect(first).toMatchObject({ code: 0, errors: "" });
    const story = first.lines.join("\n");
    const steps = [
      "the local cloud is ready",
      `pushed msp-example:${TAG}`,
      "specification applied",
      `made of image ${TAG}`,
      "automatic promotion requested",
      "Cloud Deploy has the release",
      "rollout to msp-testbed-dev-us-central1 created",
      `deployed: ${TAG}`,
      "dana promotes it to prod",
      "manual promotion requested by user:dana@example.com",
      "backup of Cloud SQL msp-testbed-prod-41c7/msp-testbed started",
      "backup of Cloud SQL msp-testbed-prod-41c7/msp-testbed finished",
      "rollout to msp-testbed-prod-us-central1 created",
      `pushed approval-demo:${TAG}`,
      "dana tries to approve it herself and is refused: user:dana@example.com requested this promotion",
      "approved by user:alex@example.com",
      "backup of Cloud SQL approval-demo-prod-a90c/approval-demo finished",
      "migration finished",
      "rollout to approval-demo-prod-us-central1 created",
      "what was where",
    ];
    expect(steps.filter((step) => !story.includes(step))).toEqual([]);
    // That a rollout was created is told when its answer was taken in: it may be over by then.
    const told = steps.filter((step) => !step.startsWith("rollout to"));
    const places = told.map((step) => story.indexOf(step));
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(timelineOf(first)).toEqual(DEPLOYED);
  });

  test("with --keep goes on where it stopped", async () => {
    const second = await startOnce("--keep");
    expect(second).toMatchObject({ code: 0, errors: "" });
    const story = second.lines.join("\n");
    expect(story).toContain(`msp-testbed runs ${TAG} in dev already`);
    expect(story).toContain("msp-testbed is in prod already");
    expect(story).not.toContain("pushed");
    expect(second.lines.slice(-4)).toEqual(first.lines.slice(-4));
  });
});
