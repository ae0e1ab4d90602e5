import { Command, Option } from "commander";
import { CliError, EXIT } from "./cli-error.ts";
import { PACES } from "../local/pace.ts";
import { readSettings } from "./settings.ts";
import type { Pace } from "../local/pace.ts";
import type { Official } from "../local/official/programs.ts";
import { PORT_FIRST } from "../local/settings.ts";

type Started = {
  readonly once?: true;
  readonly keep?: true;
  readonly empty?: true;
  readonly official?: true;
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
    .option("--official", "with Google's own emulators of Firestore and Pub/Sub, which gcloud has")
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
      "\nExamples:\n  slipway start\n  slipway start --once\n  slipway start --keep --port any\n  slipway start --empty\n  slipway start --official\n  slipway start --pace real\n",
    )
    .action(async (options: Started) => {
      const official = options.official === true ? await findGoogles(options) : null;
      const { runStart } = await import("../local/run-start.ts");
      await runStart({
        official,
        directory: process.cwd(),
        isOnce: options.once === true,
        isKept: options.keep === true,
        isEmpty: options.empty === true,
        pace: options.pace,
        portFirst: options.port === "any" ? null : Number(options.port),
      });
    });
}

/** @throws CliError when Google's emulators are not here, or are to keep what they cannot. */
async function findGoogles({ keep }: Started): Promise<Official> {
  if (keep === true) {
    const message = "Google's emulators keep nothing: leave out --keep or --official";
    throw new CliError(EXIT.usage, message);
  }
  const { findOfficial } = await import("../local/official/programs.ts");
  const found = findOfficial(readSettings().path);
  if (typeof found === "string") {
    throw new CliError(EXIT.refused, found);
  }
  return found;
}
