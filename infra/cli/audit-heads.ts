import { Command } from "commander";
import type { z } from "zod";
import { HeadList } from "../../shared/wire/api/schemas.ts";
import type { HeadView } from "../../shared/wire/api/schemas.ts";
import { openApi, pathOf } from "./api.ts";
import type { Api } from "./api.ts";
import type { GlobalOptions } from "./options.ts";
import { printJsonRow } from "./output.ts";

const PAGE_SIZE = 200;

/** `slipway audit heads`: where each chain ends now, to be kept where nobody who can change the record can change it. */
export function auditHeadsCommand(): Command {
  return new Command("heads")
    .summary("where each chain of records ends now")
    .description(
      "Print the number and the hash of the last record of each chain, as JSON, one chain a line. Keep them where nobody who can change the record can change them; `slipway audit verify --head FILE` checks against them.",
    )
    .action(async (_: unknown, command: Command) => {
      const api = await openApi(command.optsWithGlobals<GlobalOptions>());
      (await listHeads(api)).forEach(printJsonRow);
    });
}

/** Where each chain ends that the caller may read. @throws CliError */
export async function listHeads(api: Api): Promise<readonly z.output<typeof HeadView>[]> {
  const heads: z.output<typeof HeadView>[] = [];
  let pageToken = "";
  do {
    const query = new URLSearchParams({ pageSize: String(PAGE_SIZE), pageToken }).toString();
    const page = await api.get(`${pathOf("audit", "heads")}?${query}`, HeadList);
    heads.push(...page.heads);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return heads;
}
