import { Command } from "commander";
import { z } from "zod";
import { openApi, pathOf } from "./api.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";

/** `slipway hold lift`: ends a hold; what waited for it goes on. */
export function holdLiftCommand(): Command {
  return new Command("lift")
    .summary("end a hold")
    .description("End a hold. What waited for it goes on.")
    .argument("<hold>", "the hold's id")
    .action(async (hold: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      const api = await openApi(options);
      await api.remove(pathOf("holds", hold), z.object({}));
      if (options.json === true) {
        printJson({});
      } else {
        print(`${hold} is lifted`);
      }
    });
}
