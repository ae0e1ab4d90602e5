import { Command, Option } from "commander";
import { PACES } from "../local/pace.ts";
import type { Pace } from "../local/pace.ts";
import { PORT_FIRST } from "../local/settings.ts";

type Started = {
  readonly once?: true;
  readonly keep?: true;
  readonly empty?: true;
  readonly port: string;
  readonly pace: Pace;
};

/** The command `slipway start`: the local cloud, until it is interrupted or, with `--once`, until the sample is in production. */
export function startCommand(): Command {
  return new Command("start")
    .description("run the local cloud: every emulator, every function, and the samples")
    .option("--once", "play the samples from a push to production, print what happened, and end")
    .option("--keep", "keep everything in .slipway/data, and continue from there at the next start")
    .option("--empty", "a project with nothing in it, for slipway install")
    .addOption(
      new Option("--port <number>", "first of the ports; `any` takes free ones")
        .default(String(PORT_FIRST))
        .argParser((text) => text),
    )
    .addOption(
      new Option("--pace <pace>", "how long things take; `real` is as on Google Cloud")
        .choices(PACES)
        .default("fast"),
    )
    .addHelpText(
      "after",
      "\nExamples:\n  slipway start\n  slipway start --once\n  slipway start --keep --port any\n  slipway start --empty\n  slipway start --pace real\n",
    )
    .action(async (options: Started) => {
      const { runStart } = await import("../local/run-start.ts");
      await runStart({
        directory: process.cwd(),
        isOnce: options.once === true,
        isKept: options.keep === true,
        isEmpty: options.empty === true,
        pace: options.pace,
        portFirst: options.port === "any" ? null : Number(options.port),
      });
    });
}
