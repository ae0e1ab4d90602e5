import { Argument, Command } from "commander";
import { PaceView } from "../local/control/pace-view.ts";
import { PACES } from "../local/pace.ts";
import { askLocal } from "./local-control.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";

/** `slipway local pace`: how long things take in the local cloud. */
export function localPaceCommand(): Command {
  return new Command("pace")
    .summary("how long things take: fast, or as on Google")
    .description(
      "Say how long things take: `fast`, or `real` as it feels on Google Cloud: a minute to render, forty seconds to roll out, minutes for a backup. What has begun ends when it was to.",
    )
    .addArgument(new Argument("[pace]", "the pace; if left out, it is shown").choices(PACES))
    .addHelpText("after", examples("local pace real", "local pace fast", "start --pace real"))
    .action(async (pace: string | undefined, _: unknown, command: Command) => {
      const { json } = command.optsWithGlobals<GlobalOptions>();
      const view = await askLocal(
        PaceView,
        pace === undefined
          ? { method: "GET", path: "pace" }
          : { method: "POST", path: "pace", body: { pace } },
      );
      if (json === true) {
        printJson(view);
      } else {
        print(TOLD[view.pace]);
      }
    });
}

const TOLD = {
  fast: "Things take a moment. To have them take as long as on Google Cloud: slipway local pace real",
  real: "Things take as long as on Google Cloud. To not wait for them: slipway local clock advance 5m, or slipway local pace fast",
} as const;
