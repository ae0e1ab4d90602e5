import { Command } from "commander";
import { ReleaseList } from "../../shared/wire/api/schemas.ts";
import { openApi, pathOf } from "./api.ts";
import { examples, toLimit } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { printJson } from "./output.ts";
import { printTable } from "./table.ts";
import { relative } from "./time-text.ts";

type Options = GlobalOptions & { readonly limit: number; readonly pageToken?: string };

const LIMIT_DEFAULT = 20;
const HEADINGS = ["RELEASE", "TAG", "CREATED", "STATE", "SUCCEEDED IN"];

/** `slipway releases`: a service's releases, newest first. */
export function releasesCommand(): Command {
  return new Command("releases")
    .summary("a service's releases, newest first")
    .description("List a service's releases, newest first.")
    .argument("<service>", "the service's id")
    .option("--limit <number>", "how many", toLimit, LIMIT_DEFAULT)
    .option("--page-token <token>", "go on where a list before ended")
    .addHelpText("after", examples("releases web", "releases web --limit 5 --json"))
    .action(async (service: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const api = await openApi(options);
      const query = new URLSearchParams({
        pageSize: String(options.limit),
        pageToken: options.pageToken ?? "",
      }).toString();
      const page = await api.get(
        `${pathOf("services", service, "releases")}?${query}`,
        ReleaseList,
      );
      if (options.json === true) {
        printJson(page);
        return;
      }
      const now = Date.now();
      const rows = page.releases.map(({ id, tag, createTime, state, bad, environments }) => [
        id,
        tag ?? "",
        relative(createTime, now),
        bad === null ? state : { text: `${state}, bad: ${bad.reason}`, tone: "bad" as const },
        Object.keys(environments).join(", "),
      ]);
      printTable(HEADINGS, rows, `${service} has no release yet: push an image.`);
    });
}
