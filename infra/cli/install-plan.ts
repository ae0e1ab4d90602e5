import { Command } from "commander";
import { CliError, EXIT } from "./cli-error.ts";
import { addInstallOptions, openInstaller } from "./install-context.ts";
import type { InstallOptions } from "./install-context.ts";
import { changeToJson, countChanges, printObstacles, printTree } from "./install-text.ts";
import { examples } from "./options.ts";
import { print, printJson } from "./output.ts";

/** `slipway install plan`: what `install apply` would do. */
export function installPlanCommand(): Command {
  return addInstallOptions(new Command("plan"))
    .summary("show what install apply would do")
    .description(
      "Compare what the installation's file asks for with what is there. Touches nothing.",
    )
    .option("--all", "show what is unchanged, too")
    .addHelpText("after", examples("install plan", "install plan --all --json"))
    .action(async (_: unknown, self: Command) => {
      const options = self.optsWithGlobals<InstallOptions & { readonly all?: boolean }>();
      const { planInstallation } = await import("../platform/installer.ts");
      const plan = await planInstallation(await openInstaller(options));
      const { changes, obstacles, warnings } = plan;
      if (options.json === true) {
        printJson({ changes: changes.map(changeToJson), obstacles, warnings });
      } else {
        printTree(changes, options.all === true);
        printObstacles(plan);
        print(changes.length === 0 ? "Nothing was compared." : `${countChanges(changes)}.`);
      }
      if (obstacles.length > 0) {
        throw new CliError(EXIT.refused, "");
      }
    });
}
