import { Argument, Command } from "commander";
import { CliError, EXIT } from "./cli-error.ts";
import { timeOf } from "./clock.ts";
import { localToken } from "./id-token.ts";
import { findLocalFile, ROLES } from "./local-file.ts";
import type { Role } from "./local-file.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";

/** `slipway token`: an ID token of a person of the local cloud, for clients such as curl. */
export function tokenCommand(): Command {
  return new Command("token")
    .summary("an ID token of the local cloud")
    .description("Print an ID token of a person of the local cloud, for clients such as curl.")
    .addArgument(new Argument("<role>", "the person").choices(ROLES))
    .addHelpText("after", examples("token deployer", "token oncall --json"))
    .action(async (role: Role, _: unknown, command: Command) => {
      const { json } = command.optsWithGlobals<GlobalOptions>();
      const local = await findLocalFile(process.cwd());
      if (local === null) {
        const message = "no local cloud runs here or in a folder above: start it with npm start";
        throw new CliError(EXIT.usage, message);
      }
      const token = await localToken(local, role, timeOf(local));
      if (json === true) {
        printJson({ token });
      } else {
        print(token);
      }
    });
}
