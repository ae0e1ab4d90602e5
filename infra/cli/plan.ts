import { Command } from "commander";
import type { Plan } from "../plan/plan-spec.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { addInstallationOptions, openInstallation } from "./installation-options.ts";
import type { InstallationOptions } from "./installation-options.ts";
import { examples } from "./options.ts";
import { print, printJson } from "./output.ts";
import { printProblems } from "./problem-text.ts";
import { readSpecs } from "./spec-files.ts";
import { countSteps, printLater, printLeft, printStep } from "./step-text.ts";

const WORDS = {
  create: "to create",
  update: "to update",
  delete: "to delete",
  unchanged: "unchanged",
};

/** `slipway plan`: says what `apply` would do. */
export function planCommand(): Command {
  const command = new Command("plan")
    .summary("say what apply would do")
    .description("Compare specifications with what is there. This changes nothing.")
    .argument("<path...>", "files, or folders with service.yaml in or below them");
  return addInstallationOptions(command)
    .addHelpText(
      "after",
      examples("plan services/web", "plan services --project acme-slipway --location europe-west3"),
    )
    .action(async (paths: readonly string[], _: unknown, self: Command) => {
      const options = self.optsWithGlobals<InstallationOptions>();
      const specs = await readSpecs(paths);
      const installation = await openInstallation(options);
      const { planSpec } = await import("../plan/plan-spec.ts");
      const { openCloud } = await import("../resources/cloud.ts");
      const cloud = openCloud(installation.endpoints, installation.project);
      const { openNeighbours } = await import("../plan/open-neighbours.ts");
      const neighbours = openNeighbours(specs);
      const plans: (Plan & { readonly file: string })[] = [];
      try {
        for (const file of specs) {
          const { path, text } = file;
          const plan = neighbours.judge(file, await planSpec(installation, cloud, text));
          plans.push({ file: path, ...plan });
        }
      } finally {
        await cloud.close();
      }
      show(plans, options.json === true);
      if (plans.some(({ service }) => service === null)) {
        throw new CliError(EXIT.refused, "");
      }
    });
}

function show(plans: readonly (Plan & { readonly file: string })[], isJson: boolean): void {
  if (isJson) {
    const shown = plans.map(({ file, service, problems, leftToTerraform, steps }) => ({
      file,
      service: service?.id ?? null,
      revision: service?.revision ?? null,
      problems,
      leftToTerraform,
      steps: steps.map(({ kind, name, action, changes, notes }) => ({
        kind,
        name,
        action,
        changes,
        notes,
      })),
    }));
    printJson({ plans: shown });
    return;
  }
  for (const plan of plans) {
    const { file, service, problems, leftToTerraform, steps } = plan;
    printProblems(file, problems);
    if (service === null) {
      printLater(plan);
    } else {
      print({ text: service.id, tone: "strong" }, `  revision ${service.revision}`);
      steps.forEach(printStep);
      printLeft(leftToTerraform);
      print(`${countSteps(steps, WORDS)}.`);
    }
  }
}
