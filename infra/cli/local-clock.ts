import { Command } from "commander";
import { ADVANCE_MAX_MS, ClockView } from "../local/control/clock-view.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { askLocal } from "./local-control.ts";
import type { ControlRequest } from "./local-control.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { lengthText, parseLength } from "./time-text.ts";

/** A long way takes a while: what falls due on it is done. */
const ADVANCE_TIMEOUT_MS = 180_000;

/** `slipway local clock`: the time in the local cloud, for its emulators and the functions alike. */
export function localClockCommand(): Command {
  return new Command("clock")
    .summary("move the time ahead, or stop it")
    .description(
      "Move the local cloud's time ahead, or stop it. Schedules, deadlines, soaks, windows and tokens follow.",
    )
    .addCommand(advanceCommand())
    .addCommand(
      changing(
        "freeze",
        "stop the time: nothing falls due any more",
        (view) => `The time stands still at ${view.now}. To let it go on: slipway local clock run`,
      ),
    )
    .addCommand(
      changing(
        "run",
        "let the time go on from where it stands",
        (view) => `The time goes on from ${view.now}${aheadText(view)}.`,
      ),
    )
    .addCommand(showCommand());
}

function advanceCommand(): Command {
  return new Command("advance")
    .summary("move the time ahead")
    .description(
      "Move the time ahead. What falls due on the way is done, in its order. It cannot go back: slipway local load and reset do that.",
    )
    .argument("<length>", "how far, such as 90s, 30m, 2h or 3d")
    .addHelpText("after", examples("local clock advance 30m", "local clock advance 2d"))
    .action(async (length: string, _: unknown, command: Command) => {
      const byMs = parseLength(length);
      if (byMs < 1 || byMs > ADVANCE_MAX_MS) {
        const message = `the clock goes ahead by 1s to ${lengthText(ADVANCE_MAX_MS)} at a time`;
        throw new CliError(EXIT.usage, message);
      }
      const timeoutMs = ADVANCE_TIMEOUT_MS;
      await show(
        command,
        { ...post("advance"), body: { byMs }, timeoutMs },
        (view) =>
          `It is ${view.now} now${aheadText(view)}${view.isFrozen ? ", and the time stands still" : ""}.`,
      );
    });
}

function changing(
  verb: "freeze" | "run",
  summary: string,
  told: (view: ClockView) => string,
): Command {
  return new Command(verb)
    .summary(summary)
    .description(`${summary[0]?.toUpperCase() ?? ""}${summary.slice(1)}.`)
    .addHelpText("after", examples(`local clock ${verb}`))
    .action(async (_: unknown, command: Command) => show(command, post(verb), told));
}

function showCommand(): Command {
  return new Command("show")
    .summary("what time it is")
    .description("Say what time it is in the local cloud.")
    .addHelpText("after", examples("local clock show"))
    .action(async (_: unknown, command: Command) =>
      show(
        command,
        { method: "GET", path: "clock" },
        (view) =>
          `It is ${view.now}${aheadText(view)}${view.isFrozen ? ", and the time stands still" : ""}.`,
      ),
    );
}

function post(verb: string): ControlRequest {
  return { method: "POST", path: `clock/${verb}` };
}

async function show(
  command: Command,
  request: ControlRequest,
  told: (view: ClockView) => string,
): Promise<void> {
  const { json } = command.optsWithGlobals<GlobalOptions>();
  const view = await askLocal(ClockView, request);
  if (json === true) {
    printJson(view);
  } else {
    print(told(view));
  }
}

function aheadText({ aheadMs }: ClockView): string {
  const text = lengthText(Math.abs(aheadMs));
  if (text === "") {
    return "";
  }
  return aheadMs > 0 ? `, ${text} ahead of this machine` : `, ${text} behind this machine`;
}
