import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { CliError, EXIT } from "./cli-error.ts";
import { addInstallOptions, openInstaller } from "./install-context.ts";
import type { InstallOptions } from "./install-context.ts";
import { printObstacles } from "./install-text.ts";
import { examples } from "./options.ts";
import { print, printJson, writeOutput } from "./output.ts";

type ExportOptions = InstallOptions & { readonly terraform?: boolean; readonly out?: string };

/** `slipway install export`: the table of an installation, for other tools. */
export function installExportCommand(): Command {
  return addInstallOptions(new Command("export"))
    .summary("write the installation for other tools")
    .description(
      "Write everything that an installation is made of, as JSON or as a module of Terraform. No provider has run the module, so read its plan before you apply it.",
    )
    .option("--terraform", "write a module of Terraform")
    .option("--out <path>", "write to this file")
    .addHelpText("after", examples("install export --terraform --out slipway.tf"))
    .action(async (_: unknown, self: Command) => {
      const options = self.optsWithGlobals<ExportOptions>();
      const installer = await openInstaller(options);
      const { lookAtProjects } = await import("../platform/preflight/projects.ts");
      const { desired } = await import("../platform/desired.ts");
      const { settings, bundleHash, version, functions } = installer;
      const looked = await lookAtProjects(installer.google, settings, installer.caller);
      const { numbers } = looked;
      if (looked.obstacles.length > 0 && numbers.size === 0) {
        printObstacles({ obstacles: looked.obstacles, warnings: [] });
        throw new CliError(EXIT.refused, "");
      }
      const platform = { ...settings, numbers, bundleHash, version };
      const table = desired(platform, functions);
      if (options.terraform !== true) {
        printJson({ resources: table });
        return;
      }
      const { terraformModule } = await import("../platform/terraform/module.ts");
      const text = terraformModule(platform, table);
      if (options.out === undefined) {
        writeOutput(text);
      } else {
        await writeFile(options.out, text);
        print(`${options.out} has ${table.length} resources.`);
      }
    });
}
