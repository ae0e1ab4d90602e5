import { Command } from "commander";
import type { ApplyOutcome } from "../plan/apply-spec.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { addInstallationOptions, openInstallation } from "./installation-options.ts";
import type { InstallationOptions } from "./installation-options.ts";
import { examples } from "./options.ts";
import { print, printJson } from "./output.ts";
import { printProblems } from "./problem-text.ts";
import { readSpecs } from "./spec-files.ts";
import { countSteps, printLater, printLeft, printStep } from "./step-text.ts";

const WORDS = { create: "created", update: "updated", delete: "deleted", unchanged: "unchanged" };

/** `slipway apply`: creates and changes what specifications ask for. */
export function applyCommand(): Command {
  const command = new Command("apply")
    .summary("create and change what specifications ask for")
    .description(
      "Create and change the pipelines, targets, archives and records that specifications ask for. A second run changes nothing.",
    )
    .argument("<path...>", "files, or folders with service.yaml in or below them");
  return addInstallationOptions(command)
    .addHelpText(
      "after",
      examples(
        "apply services/web",
        "apply services --project acme-slipway --location europe-west3",
      ),
    )
    .action(async (paths: readonly string[], _: unknown, self: Command) => {
      const options = self.optsWithGlobals<InstallationOptions>();
      const isJson = options.json === true;
      const specs = await readSpecs(paths);
      const installation = await openInstallation(options);
      const { applySpec } = await import("../plan/apply-spec.ts");
      const report = isJson ? (): void => undefined : printStep;
      const { openNeighbours } = await import("../plan/open-neighbours.ts");
      const neighbours = openNeighbours(specs);
      const outcomes: (ApplyOutcome & { readonly file: string })[] = [];
      for (const file of specs) {
        const { path, text } = file;
        if (!isJson) {
          print({ text: path, tone: "strong" });
        }
        const outcome =
          neighbours.refuse(file) ??
          neighbours.judge(file, await applySpec({ ...installation, report }, text));
        outcomes.push({ file: path, ...outcome });
        if (!isJson) {
          show(path, outcome);
        }
      }
      if (isJson) {
        printJson({ outcomes: outcomes.map(toJson) });
      }
      if (outcomes.some(({ kind }) => kind === "invalid")) {
        throw new CliError(EXIT.refused, "");
      }
    });
}

function show(file: string, outcome: ApplyOutcome): void {
  printProblems(file, outcome.problems);
  if (outcome.kind === "invalid") {
    printLater(outcome);
    print({ text: "Nothing was touched.", tone: "bad" });
    return;
  }
  const { service, steps, isChanged, leftToTerraform } = outcome;
  printLeft(leftToTerraform);
  print(
    isChanged ? `${service.id}: ${countSteps(steps, WORDS)}.` : `${service.id}: nothing changed.`,
  );
}

function toJson(outcome: ApplyOutcome & { readonly file: string }): object {
  return outcome.kind === "invalid"
    ? outcome
    : { ...outcome, service: outcome.service.id, revision: outcome.service.revision };
}
