import { Command } from "commander";
import type { Change } from "../platform/engine/plan.ts";
import type { Installer } from "../platform/installer.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { addInstallOptions, openInstaller } from "./install-context.ts";
import type { InstallOptions } from "./install-context.ts";
import {
  changeToJson,
  countChanges,
  printFailures,
  printProgress,
  printTree,
} from "./install-text.ts";
import { examples } from "./options.ts";
import { print, printJson } from "./output.ts";

type DestroyOptions = InstallOptions & {
  readonly yes?: string;
  readonly database?: string;
  readonly bucket?: string;
};

/** `slipway install destroy`: takes an installation away. */
export function installDestroyCommand(): Command {
  return addInstallOptions(new Command("destroy"))
    .summary("take Slipway away")
    .description(
      "Take away what install apply made, and nothing of others. The database and the bucket stay unless they are named. Without --yes it only shows what would go.",
    )
    .option("--yes <project>", "do it, in the project that is named")
    .option("--database <name>", "the database goes too, with every record: its name")
    .option("--bucket <name>", "the bucket of sources goes too: its name")
    .addHelpText(
      "after",
      examples("install destroy", "install destroy --yes acme-slipway --database slipway"),
    )
    .action(async (_: unknown, self: Command) => {
      const options = self.optsWithGlobals<DestroyOptions>();
      const installer = await openInstaller(options);
      const { project } = installer.settings;
      if (options.yes !== undefined && options.yes !== project) {
        const message = `--yes names ${options.yes}, but ${options.file} is of project ${project}`;
        throw new CliError(EXIT.usage, message);
      }
      const removals = await showRemovals(installer, options);
      if (options.yes === undefined) {
        print(`Nothing was touched. To do it, say --yes ${project}.`);
        return;
      }
      const { destroyInstallation } = await import("../platform/installer.ts");
      const report = options.json === true ? (): void => undefined : printProgress;
      const performed = await destroyInstallation(installer, removals, report);
      printFailures(performed);
      if (performed.failed.length > 0) {
        throw new CliError(EXIT.refused, "");
      }
    });
}

/** What would go, shown. What stays is said with what names it. */
async function showRemovals(
  installer: Installer,
  options: DestroyOptions,
): Promise<readonly Change[]> {
  const { planInstallation, planRemoval, staying } = await import("../platform/installer.ts");
  const plan = await planInstallation(installer);
  const named = { database: options.database ?? null, bucket: options.bucket ?? null };
  const removals = planRemoval(plan, named);
  if (options.json === true) {
    printJson({ removals: removals.map(changeToJson) });
    return removals;
  }
  printTree(removals, true);
  for (const { kind, name } of staying(installer.settings, plan, named)) {
    print({ text: `  stays: ${kind} ${name}, unless --${kind} names it`, tone: "faint" });
  }
  print(removals.length === 0 ? "Nothing is there." : `${countChanges(removals)}.`);
  return removals;
}
