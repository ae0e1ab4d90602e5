import { InvalidArgumentError } from "commander";
import type { Command } from "commander";
import { ROLES } from "./local-file.ts";
import type { Role } from "./local-file.ts";

/** The options that every command takes. */
export type GlobalOptions = {
  readonly json?: boolean;
  readonly api?: string;
  readonly token?: string;
  readonly as?: Role;
};

/** Adds the options that every command takes. */
export function addGlobalOptions(program: Command): Command {
  return program
    .option("--json", "print JSON, as the API gives it")
    .option("--api <url>", "where the API is; if left out, SLIPWAY_API, then the local cloud")
    .option(
      "--token <token>",
      "an ID token; if left out, SLIPWAY_TOKEN, the local cloud's, or gcloud's",
    )
    .addOption(
      program
        .createOption("--as <role>", "act as this person of the local cloud (default: deployer)")
        .choices(ROLES),
    );
}

/** Reads the number of an option. @throws InvalidArgumentError when it is none from 1 to 1000. */
export function toLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw new InvalidArgumentError("It must be a whole number from 1 to 1000.");
  }
  return limit;
}

/** Examples for the end of a command's help. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ slipway ${line}`).join("\n")}`;
}
