import { Command } from "commander";
import { ReleaseView } from "../../shared/wire/api/schemas.ts";
import { openApi, pathOf } from "./api.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";

type Options = GlobalOptions & {
  readonly bad?: boolean;
  readonly good?: boolean;
  readonly reason: string;
};

/** A service, a release, options without the global ones, and the command itself. */
type Words = [service: string, release: string, own: unknown, command: Command];

/** `slipway mark`: marks a release bad, or takes the mark away. */
export function markCommand(): Command {
  return new Command("mark")
    .summary("mark a release bad, or good again")
    .description(
      "Mark a release bad, so that no promotion takes it anywhere. Or take the mark away.",
    )
    .argument("<service>", "the service's id")
    .argument("<release>", "the release, by id, tag or a part of the id")
    .option("--bad", "mark it bad")
    .option("--good", "take the mark away")
    .requiredOption("--reason <text>", "why, for the record")
    .addHelpText(
      "after",
      examples(
        'mark web r-0123456789abcdef-0a1b2c --bad --reason "loses orders"',
        'mark web r-0123456789abcdef-0a1b2c --good --reason "it was the network"',
      ),
    )
    .action(async (...words: Words) => {
      const [service, release, , command] = words;
      const options = command.optsWithGlobals<Options>();
      if (options.bad === options.good) {
        throw new CliError(EXIT.usage, "say either --bad or --good");
      }
      const api = await openApi(options);
      const verb = options.bad === true ? "markBad" : "unmarkBad";
      const path = `${pathOf("services", service, "releases", release)}:${verb}`;
      const marked = await api.post(path, { reason: options.reason }, ReleaseView);
      if (options.json === true) {
        printJson(marked);
        return;
      }
      const { id, bad } = marked;
      print(bad === null ? `${id} is not marked bad` : `${id} is marked bad: ${bad.reason}`);
    });
}
