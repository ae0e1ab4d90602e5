import { Command } from "commander";
import { ChangesView } from "../../shared/wire/api/changes.ts";
import { openApi, pathOf } from "./api.ts";
import type { Api } from "./api.ts";
import { printChanges } from "./changes-text.ts";
import type { Changes } from "../../shared/wire/api/changes-words.ts";
import { timeOf } from "./clock.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { printJson } from "./output.ts";

/** A service, an environment, perhaps a release, options without the global ones, and the command itself. */
type Words = [
  service: string,
  environment: string,
  release: string | undefined,
  own: unknown,
  command: Command,
];

/** `slipway changes`: what goes to an environment with a release. */
export function changesCommand(): Command {
  return new Command("changes")
    .summary("what goes to an environment with a release")
    .description(
      "Show what goes to an environment with a release: the releases and commits in between, lines of the specification that differ, migrations and authors, and what cannot be told. Without a release it shows the one that promote would take.",
    )
    .argument("<service>", "the service's id")
    .argument("<environment>", "the environment's id")
    .argument("[release]", "a release by id, tag or a part of the id")
    .addHelpText("after", examples("changes web prod", "changes web prod v1.4.0"))
    .action(async (...words: Words) => {
      const [service, environment, release, , command] = words;
      const options = command.optsWithGlobals<GlobalOptions>();
      const changes = await readChanges(await openApi(options), { service, environment, release });
      if (options.json === true) {
        printJson(changes);
      } else {
        printChanges(changes, timeOf(options));
      }
    });
}

/** What goes to an environment with a release. @throws CliError */
export async function readChanges(
  api: Api,
  of: {
    readonly service: string;
    readonly environment: string;
    readonly release: string | undefined;
  },
): Promise<Changes> {
  const { service, environment, release } = of;
  const path = pathOf("services", service, "environments", environment, "changes");
  const query = release === undefined ? "" : `?${new URLSearchParams({ release }).toString()}`;
  return api.get(`${path}${query}`, ChangesView);
}
