import { Command, CommanderError } from "commander";
import { PermanentError, TransientError } from "../../shared/ports/errors.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { COMMANDS } from "./commands.ts";
import { addGlobalOptions, examples } from "./options.ts";
import {
  endWithReader,
  printError,
  printJsonError,
  writeErrorOutput,
  writeOutput,
} from "./output.ts";
import { hideMetadataWarning } from "./warnings.ts";

endWithReader();
hideMetadataWarning();
const exitCode = await run(process.argv.slice(2));
if (exitCode !== EXIT.done) {
  process.exitCode = exitCode;
}

/** Runs the command that the arguments name. Gives the exit code. */
async function run(words: readonly string[]): Promise<number> {
  const program = addGlobalOptions(new Command("slipway"))
    .description("Continuous delivery for Google Cloud.")
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({ writeOut: writeOutput, writeErr: writeErrorOutput })
    .addHelpText("after", examples("status", "promote web prod --watch", "token deployer"))
    .exitOverride();
  for (const make of wanted(words[0])) {
    program.addCommand(inherit(await make(), program));
  }
  try {
    await program.parseAsync([...words], { from: "user" });
    return EXIT.done;
  } catch (error) {
    return report(error, words.includes("--json"));
  }
}

/** The command that the first word names; all of them for help, and for a word that names none. */
function wanted(name: string | undefined): readonly (() => Promise<Command>)[] {
  const make = COMMANDS.get(name ?? "");
  return make === undefined ? [...COMMANDS.values()] : [make];
}

/** Gives the program's settings to a command that was made before, and to the commands below it. */
function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  command.commands.forEach((child) => inherit(child, command));
  return command;
}

async function report(error: unknown, isJson: boolean): Promise<number> {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  if (error instanceof CliError) {
    printRefusal(error, isJson);
    return error.exitCode;
  }
  if (error instanceof TransientError) {
    printError(`${error.message}: try again`);
    return EXIT.unreachable;
  }
  if (error instanceof PermanentError) {
    const { offApi } = await import("../platform/preflight/off-api.ts");
    const off = offApi(error);
    printError(off === null ? error.message : `${off.what}: ${off.mend}`);
    return EXIT.refused;
  }
  printBug(error);
  return EXIT.refused;
}

function printRefusal({ body, message }: CliError, isJson: boolean): void {
  if (isJson && body !== null) {
    printJsonError(body);
  } else if (message !== "") {
    printError(message);
  }
}

/** Node would print a bug of ours as it is, with whatever its message holds. */
function printBug(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  writeErrorOutput(`${text}\n`);
}
