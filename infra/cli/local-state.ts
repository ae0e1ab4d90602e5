import { Command } from "commander";
import { StateView } from "../local/control/state-view.ts";
import { askLocal } from "./local-control.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";

/** Everything is ended and started again, and it takes as long as a start. */
const REOPEN_TIMEOUT_MS = 180_000;

/** `slipway local save`: copies all that the local cloud holds under a name. */
export function localSaveCommand(): Command {
  return new Command("save")
    .summary("save all that the local cloud holds")
    .description(
      "Save all that the local cloud holds under a name, while it runs. What was saved so before is replaced.",
    )
    .argument("<name>", "such as before-outage")
    .addHelpText("after", examples("local save before-outage"))
    .action(async (name: string, _: unknown, command: Command) =>
      change(command, { verb: "save", body: { name } }, (view) => [
        `What the local cloud holds is saved as ${view.name ?? ""}. To go back to it: slipway local load ${view.name ?? ""}`,
      ]),
    );
}

/** `slipway local load`: goes back to what was saved. */
export function localLoadCommand(): Command {
  return new Command("load")
    .summary("go back to what was saved")
    .description(
      "Go back to what was saved under a name. Emulators and functions start again with it; faults end, and the time is as it was.",
    )
    .argument("<name>", "as which it was saved")
    .addHelpText("after", examples("local load before-outage"))
    .action(async (name: string, _: unknown, command: Command) =>
      change(command, { verb: "load", body: { name } }, (view) => [
        `The local cloud holds what was saved as ${view.name ?? ""}. To look at it: slipway status`,
      ]),
    );
}

/** `slipway local reset`: begins anew. */
export function localResetCommand(): Command {
  return new Command("reset")
    .summary("begin anew")
    .description(
      "Begin anew: forget all that the local cloud holds, and start it as npm start does. What is saved stays.",
    )
    .addHelpText("after", examples("local reset"))
    .action(async (_: unknown, command: Command) =>
      change(command, { verb: "reset", body: {} }, ({ saved }) => [
        "The local cloud is as new. To look at it: slipway status",
        ...(saved.length === 0 ? [] : [`Still saved: ${saved.join(", ")}`]),
      ]),
    );
}

async function change(
  command: Command,
  { verb, body }: { readonly verb: string; readonly body: object },
  told: (view: StateView) => readonly string[],
): Promise<void> {
  const { json } = command.optsWithGlobals<GlobalOptions>();
  const request = {
    method: "POST",
    path: `state/${verb}`,
    body,
    timeoutMs: REOPEN_TIMEOUT_MS,
  } as const;
  const view = await askLocal(StateView, request);
  if (json === true) {
    printJson(view);
  } else {
    told(view).forEach((line) => {
      print(line);
    });
  }
}
