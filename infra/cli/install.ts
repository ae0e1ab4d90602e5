import { Command } from "commander";
import { installApplyCommand } from "./install-apply.ts";
import { installDestroyCommand } from "./install-destroy.ts";
import { installExportCommand } from "./install-export.ts";
import { installInitCommand } from "./install-init.ts";
import { installPlanCommand } from "./install-plan.ts";
import { examples } from "./options.ts";

/** `slipway install`: Slipway itself, on Google Cloud. */
export function installCommand(): Command {
  return new Command("install")
    .summary("put Slipway on Google Cloud, change it, or take it away")
    .description(
      "Make everything that Slipway runs on: APIs, accounts, roles, topics, the database, functions, schedules and alerts.",
    )
    .addCommand(installInitCommand())
    .addCommand(installPlanCommand())
    .addCommand(installApplyCommand())
    .addCommand(installDestroyCommand())
    .addCommand(installExportCommand())
    .addHelpText(
      "after",
      examples(
        "install init acme-slipway",
        "install plan",
        "install apply",
        "install export --terraform",
      ),
    );
}
