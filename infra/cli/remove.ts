import { Command } from "commander";
import { RemovalView } from "../../shared/wire/api/specification.ts";
import { openApi, pathOf } from "./api.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";

type Options = GlobalOptions & { readonly dryRun?: boolean; readonly reason?: string };

/** `slipway remove`: ends a service. */
export function removeCommand(): Command {
  return new Command("remove")
    .summary("end a service")
    .description(
      "End a service: nothing of it is delivered from then on. Refused while something is under way. What runs goes on running, and the record stays readable. Applying its specification begins it again.",
    )
    .argument("<service>", "the service's id")
    .option("--reason <text>", "why, for the record")
    .option("--dry-run", "only say what would remain")
    .addHelpText("after", examples("remove web --dry-run", 'remove web --reason "moved to api"'))
    .action(async (service: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const api = await openApi(options);
      const query = new URLSearchParams({
        ...(options.dryRun === true && { validateOnly: "true" }),
        ...(options.reason !== undefined && { reason: options.reason }),
      });
      const path = `${pathOf("services", service)}?${query.toString()}`;
      const removed = await api.remove(path, RemovalView);
      if (options.json === true) {
        printJson(removed);
        return;
      }
      const what = options.dryRun === true ? "would be removed" : "was removed";
      print({
        text: `${removed.service} ${what}. After a removal nothing of a service is delivered.`,
        tone: "strong",
      });
      print("What remains:");
      removed.remains.forEach((line) => {
        print("  ", line);
      });
    });
}
