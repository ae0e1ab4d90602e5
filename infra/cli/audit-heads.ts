import { Command } from "commander";
import { openApi } from "./api.ts";
import type { GlobalOptions } from "./options.ts";
import { printJsonRow } from "./output.ts";
import { listHeads } from "./pages.ts";

/** `slipway audit heads`: where each chain ends now, to be kept where nobody who can change the record can change it. */
export function auditHeadsCommand(): Command {
  return new Command("heads")
    .summary("where each chain of records ends now")
    .description(
      "Print the number and the hash of the last record of each chain, as JSON, one chain a line. Keep them where nobody who can change the record can change them; `slipway audit verify --head FILE` checks against them.",
    )
    .action(async (_: unknown, command: Command) => {
      const api = await openApi(command.optsWithGlobals<GlobalOptions>());
      (await listHeads(api)).forEach(printJsonRow);
    });
}
