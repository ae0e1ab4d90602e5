import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXIT } from "../../infra/cli/cli-error.ts";
import { deploySample } from "../../infra/local/once.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { shellLines } from "../support/shell-lines.ts";
import { until } from "../support/until.ts";
import { cliIn } from "./cli-setting.ts";

const GUIDE = readFileSync(new URL("../../docs/guides/outage.md", import.meta.url), "utf8");
const OURS = "npx slipway ";

/** Commands that end too early for what they wait for, as the guide says that they do. */
const TOO_EARLY = / --timeout 2s$/;

/** Commands that only look: a person reads for seconds, and a test may have to look again until it is so. */
const LOOKS = /^(?:explain|local fault list|timeline|backups|status)\b|--timeout 2s$/;

/** What must be on the terminal, scene by scene: the first command of each line, and what it says. */
const SAYS: readonly (readonly [beginning: string, says: RegExp])[] = [
  ["explain msp-testbed dev", /0123456789ab_50 .* create-release was tried .* in vain/],
  ["local fault list", /cloudDeploy +\* +answered with UNAVAILABLE .* [1-9]\d* +until/],
  ["wait msp-testbed dev --release 0123456789ab_50", /^there .*0123456789ab_50/m],
  ["wait msp-testbed dev --release 0123456789ab_51", /^there .*0123456789ab_51/m],
  ["local fault list", /on-deploy-notification +lost .* [1-3] /],
  ["wait parcel-tracker dev --release 0123456789ab_1 --timeout", /the step bake runs/],
  ["wait parcel-tracker dev --release 0123456789ab_1", /^there /m],
  [
    "wait parcel-tracker dev --release 0123456789ab_2 --timeout",
    /the step verify runs, not yet: .* answered 503/,
  ],
  ["wait parcel-tracker dev --release 0123456789ab_1", /^there /m],
  ["timeline parcel-tracker", /0123456789ab_1 .* rollback .*\n.*0123456789ab_2 .* automatic /],
  ["explain parcel-tracker dev", /marked bad by slipway: .* answered 503/],
  ["promote msp-testbed prod", /backup failed: take-backup: [\s\S]*FAILED/],
  ["explain msp-testbed prod", /ended FAILED: take-backup/],
  ["promote msp-testbed prod", /backup succeeded[\s\S]*SUCCEEDED/],
  ["backups msp-testbed prod", /-to-prod-0002-b1/],
  ["wait msp-testbed dev --release 0123456789ab_52", /^there /m],
  ["local fault list", /firestore +Commit +answered with ABORTED .* [1-9]\d* +until/],
  ["audit verify", /intact +msp-testbed/],
  ["status", /msp-testbed +dev +cccccccccc2a_42/],
];

let world: LocalWorld;

beforeAll(async () => {
  world = await openLocalWorld();
  await deploySample(world.file, () => {});
});

afterAll(async () => {
  await world.close();
});

function wordsOf(line: string): readonly string[] {
  const words = line
    .slice(OURS.length)
    .matchAll(/"(?<quoted>[^"]*)"|'(?<single>[^']*)'|(?<bare>\S+)/g);
  return [...words].map(
    ({ groups = {} }) => groups["quoted"] ?? groups["single"] ?? groups["bare"] ?? "",
  );
}

test("every command of the guide, in its order, shows what the guide says", async () => {
  const lines = shellLines(GUIDE);
  expect(lines.filter((line) => !line.startsWith(OURS))).toEqual([]);
  const left = [...SAYS];
  for (const line of lines) {
    const command = line.slice(OURS.length);
    const isTold = left[0] !== undefined && command.startsWith(left[0][0]);
    const says = isTold ? (left.shift()?.[1] ?? /^/) : /^/;
    const isEarly = TOO_EARLY.test(command);
    const ran = await until(
      command,
      async () => cliIn(world.directory)(wordsOf(line)),
      ({ out }) => !LOOKS.test(command) || says.test(out),
    );
    expect(`${ran.out}${ran.err}`, command).toMatch(says);
    expect([command, ran.code], ran.err).toEqual([command, endOf(ran.out, isEarly)]);
  }
  expect(left).toEqual([]);
});

function endOf(out: string, isEarly: boolean): number {
  if (isEarly) {
    return EXIT.late;
  }
  return /^FAILED/m.test(out) ? EXIT.refused : EXIT.done;
}
