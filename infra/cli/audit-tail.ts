import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import type { ShownRecord } from "../../shared/adapters/canonical-hash.ts";
import { SYSTEM_CHAIN } from "../../shared/domain/audit-record.ts";
import { openApi } from "./api.ts";
import type { Api } from "./api.ts";
import { recordsAfter } from "./audit-records.ts";
import { toLimit } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson, printJsonRow } from "./output.ts";

type Options = GlobalOptions & { readonly limit: number; readonly follow?: boolean };

const LIMIT_DEFAULT = 20;
const FOLLOW_INTERVAL_MS = 1000;

/** `slipway audit tail`: the newest records, and those to come. */
export function auditTailCommand(): Command {
  return new Command("tail")
    .summary("the newest records")
    .description(
      "Print the newest records, oldest first. With --follow, also print new ones as they come.",
    )
    .argument("[service]", "a service; if left out, the records that belong to no service")
    .option("--limit <number>", "how many records to begin with", toLimit, LIMIT_DEFAULT)
    .option("--follow", "go on until interrupted; --json prints one record a line")
    .action(async (service: string | undefined, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const api = await openApi(options);
      const chain = service ?? SYSTEM_CHAIN;
      const newest = await readNewest(api, chain, options.limit);
      if (options.follow === true) {
        await follow(api, newest, { chain, json: options.json === true });
      } else if (options.json === true) {
        printJson({ records: newest, nextPageToken: "" });
      } else {
        newest.forEach(printRecord);
      }
    });
}

async function readNewest(api: Api, chain: string, limit: number): Promise<readonly ShownRecord[]> {
  let newest: readonly ShownRecord[] = [];
  for await (const page of recordsAfter(api, chain, 0)) {
    newest = [...newest, ...page].slice(-limit);
  }
  return newest;
}

/** Never returns: whoever follows ends it. */
async function follow(
  api: Api,
  first: readonly ShownRecord[],
  { chain, json }: { readonly chain: string; readonly json: boolean },
): Promise<void> {
  const show = json ? printJsonRow : printRecord;
  first.forEach(show);
  let last = first.at(-1)?.sequence ?? 0;
  for (;;) {
    await sleep(FOLLOW_INTERVAL_MS);
    for await (const page of recordsAfter(api, chain, last)) {
      page.forEach(show);
      last = page.at(-1)?.sequence ?? last;
    }
  }
}

function printRecord(record: ShownRecord): void {
  const { sequence, time, kind, by, environment, release, reason, details } = record;
  const about = [environment, release].filter((part) => part !== null).join(" ");
  const more = Object.entries(details).map(([name, value]) => `${name}=${value}`);
  const why = reason === null ? [] : [`"${reason}"`];
  print(
    { text: `${String(sequence).padStart(5)}  ${time}  `, tone: "faint" },
    [kind.padEnd(24), by, about, ...why, ...more].filter((part) => part !== "").join("  "),
  );
}
