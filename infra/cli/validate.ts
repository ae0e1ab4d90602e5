import { Command } from "commander";
import { parseServiceSpec } from "../../shared/wire/spec/parse-service-spec.ts";
import type { Problem } from "../../shared/wire/spec/problem.ts";
import { withAccessProblems } from "../plan/access-problems.ts";
import { inOrder } from "../../shared/wire/spec/position.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { count, countProblems, printProblems } from "./problem-text.ts";
import { readSpecs } from "./spec-files.ts";

/** The problems of a text, with those that concern its delivery where it can be read. */
function problemsOf(text: string): readonly Problem[] {
  const { spec, problems } = parseServiceSpec(text);
  return spec === null ? problems : withAccessProblems(text, spec, problems);
}

/** `slipway validate`: says everything that is wrong with specifications. */
export function validateCommand(): Command {
  return new Command("validate")
    .summary("check specifications")
    .description("Check specifications. This needs no network and no credentials.")
    .argument("<path...>", "files, or folders with service.yaml in or below them")
    .addHelpText("after", examples("validate services", "validate service.yaml --json"))
    .action(async (paths: readonly string[], _: unknown, command: Command) => {
      const { json } = command.optsWithGlobals<GlobalOptions>();
      const specs = await readSpecs(paths);
      const { problemsBetween } = await import("../plan/neighbours.ts");
      const between = problemsBetween(specs);
      const files = specs.map(({ path, text }) => ({
        file: path,
        problems: inOrder([...problemsOf(text), ...(between.get(path) ?? [])]),
      }));
      const problems = files.flatMap((file) => file.problems);
      const summary = `${count(files.length, "file")}: ${countProblems(problems)}`;
      if (json === true) {
        printJson({ files });
      } else {
        files.forEach((file) => {
          printProblems(file.file, file.problems);
        });
        print(summary);
      }
      if (problems.some(({ severity }) => severity === "error")) {
        throw new CliError(EXIT.refused, "");
      }
    });
}
