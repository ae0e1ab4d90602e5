import { Command } from "commander";
import { CliError, EXIT } from "./cli-error.ts";
import { addInstallOptions, openInstaller } from "./install-context.ts";
import type { InstallOptions } from "./install-context.ts";
import {
  changeToJson,
  countChanges,
  printFailures,
  printObstacles,
  printProgress,
  printTree,
} from "./install-text.ts";
import { examples } from "./options.ts";
import { print, printJson } from "./output.ts";

/** `slipway install apply`: makes the cloud what the installation's file asks for. */
export function installApplyCommand(): Command {
  return addInstallOptions(new Command("apply"))
    .summary("install Slipway, or change it")
    .description(
      "Create and change what the installation's file asks for. If it stops, run it again: it goes on from there. A second run changes nothing.",
    )
    .addHelpText("after", examples("install apply", "install apply --file prod/slipway.yaml"))
    .action(async (_: unknown, self: Command) => {
      const options = self.optsWithGlobals<InstallOptions>();
      const isJson = options.json === true;
      const { applyInstallation, isPending, planInstallation } =
        await import("../platform/installer.ts");
      const installer = await openInstaller(options);
      const plan = await planInstallation(installer);
      const { platform, changes, obstacles, warnings } = plan;
      if (platform === null || obstacles.length > 0) {
        if (isJson) {
          printJson({ changes: [], obstacles, warnings });
        } else {
          printObstacles(plan);
          print({ text: "Nothing was touched.", tone: "bad" });
        }
        throw new CliError(EXIT.refused, "");
      }
      if (!isJson) {
        printTree(changes, false);
        printObstacles(plan);
        print(`${countChanges(changes)}.`);
      }
      const report = isJson ? (): void => undefined : printProgress;
      const performed = await applyInstallation(installer, platform, { changes, report });
      if (isJson) {
        printJson({
          changes: changes.map(changeToJson),
          failed: performed.failed.map(({ item, error }) => ({
            ...changeToJson(item),
            error: String(error),
          })),
        });
      } else {
        printFailures(performed);
        print(isPending(plan) ? said(performed.failed.length) : "Nothing changed.");
      }
      if (performed.failed.length > 0) {
        throw new CliError(EXIT.refused, "");
      }
    });
}

function said(failures: number): string {
  return failures === 0
    ? "Slipway is installed. slipway doctor says whether it is well."
    : "It is not complete. Mend what failed and run it again: it goes on from there.";
}
