import { Command } from "commander";
import { HoldPreview, HoldView } from "../../shared/wire/api/schemas.ts";
import { openApi, pathOf } from "./api.ts";
import type { Api } from "./api.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { timeOf } from "./clock.ts";
import { holdLiftCommand } from "./hold-lift.ts";
import { holdListCommand } from "./hold-list.ts";
import { scopeText } from "./hold-text.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { parseMoment, relative } from "./time-text.ts";

type Options = GlobalOptions & {
  readonly reason?: string;
  readonly until?: string;
  readonly dryRun?: boolean;
};

/** What is held, options without the global ones, and the command itself. */
type Words = [
  service: string | undefined,
  environment: string | undefined,
  own: unknown,
  command: Command,
];

/** `slipway hold`: stops promotions into everything, a service or an environment. */
export function holdCommand(): Command {
  return new Command("hold")
    .summary("stop promotions")
    .description(
      "Stop promotions everywhere, into a service or into an environment. Rollbacks still work.",
    )
    .argument("[service]", "a service; if left out, everything")
    .argument("[environment]", "one of its environments; if left out, all of them")
    .option("--reason <text>", "why, for whoever meets it")
    .option("--until <moment>", "when it ends by itself, such as 2h or 2026-12-24T18:00:00Z")
    .option("--dry-run", "only say which promotions it would stop")
    .addCommand(holdListCommand())
    .addCommand(holdLiftCommand())
    .addHelpText(
      "after",
      examples(
        'hold --reason "the network is being repaired" --until 2h',
        'hold web prod --reason "audit"',
        'hold web prod --reason "audit" --dry-run',
        "hold list",
        "hold lift hold-1a2b3c4d",
      ),
    )
    .action(async (...words: Words) => {
      const [service, environment, , command] = words;
      const options = command.optsWithGlobals<Options>();
      const body = toBody({ service, environment }, options);
      const api = await openApi(options);
      if (options.dryRun === true) {
        await preview(api, body, options);
        return;
      }
      const hold = await api.post(pathOf("holds"), body, HoldView);
      if (options.json === true) {
        printJson(hold);
        return;
      }
      const ends =
        hold.until === null
          ? "until it is lifted"
          : `ends ${relative(hold.until, timeOf(options))}`;
      print(`${hold.id} holds ${scopeText(hold)}; ${ends}`);
    });
}

async function preview(api: Api, body: object, { json }: Options): Promise<void> {
  const answer = await api.post(pathOf("holds"), { ...body, validateOnly: true }, HoldPreview);
  if (json === true) {
    printJson(answer);
    return;
  }
  print(
    answer.blocks.length === 0
      ? "Nothing was held. The hold would stop no promotion."
      : "Nothing was held. The hold would stop:",
  );
  for (const { id, release, environment, state } of answer.blocks) {
    print("  ", `${state}  ${release} into ${environment}  ${id}`);
  }
}

type Scope = { readonly service: string | undefined; readonly environment: string | undefined };

function toBody({ service, environment }: Scope, options: Options): object {
  const { reason, until } = options;
  const now = timeOf(options);
  if (reason === undefined) {
    throw new CliError(EXIT.usage, "--reason is missing: say why, for whoever meets the hold");
  }
  return {
    reason,
    ...(service !== undefined && { service }),
    ...(environment !== undefined && { environment }),
    ...(until !== undefined && { until: parseMoment(until, now) }),
  };
}
