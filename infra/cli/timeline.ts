import { Command } from "commander";
import type { z } from "zod";
import { AuditList, TimelineList } from "../../shared/wire/api/schemas.ts";
import { PlacedTimelineList } from "../../shared/wire/api/timeline.ts";
import { openApi, pathOf } from "./api.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { timeOf } from "./clock.ts";
import { examples } from "./options.ts";
import { print, printJson } from "./output.ts";
import type { Text } from "./output.ts";
import { addPageOptions, readPage } from "./page-options.ts";
import type { PageOptions } from "./page-options.ts";
import { printTable } from "./table.ts";
import { parseLength, relative } from "./time-text.ts";

type Options = PageOptions & { readonly since?: string };
type Entry = z.output<typeof TimelineList>["entries"][number];

const HEADINGS = ["ENVIRONMENT", "RELEASE", "FROM", "TO", "CAME BY", "PROMOTION"];
const HAPPENING_HEADINGS = ["WHEN", "SERVICE", "ENVIRONMENT", "WHAT", "BY", "REASON"];
const SINCE_DEFAULT = "1h";

/** `slipway timeline`: what was where, from when to when; without a service, what changed anywhere lately. */
export function timelineCommand(): Command {
  const command = new Command("timeline")
    .summary("what was where, from when to when")
    .description(
      "List what was in each environment of a service from when to when, newest first. Without a service: what was deployed anywhere in the last hour, and what else happened.",
    )
    .argument("[service]", "the service's id; if left out, all services")
    .option("--since <length>", "how far back, of all services, such as 30m (default: 1h)");
  return addPageOptions(command)
    .addHelpText("after", examples("timeline", "timeline --since 1d", "timeline web --json"))
    .action(async (service: string | undefined, _: unknown, called: Command) => {
      const options = called.optsWithGlobals<Options>();
      if (service === undefined) {
        return showAll(options);
      }
      if (options.since !== undefined) {
        throw new CliError(EXIT.usage, "--since is for all services; leave the service out");
      }
      return showOne(service, options);
    });
}

async function showOne(service: string, options: Options): Promise<void> {
  const page = await readPage(options, pathOf("services", service, "timeline"), TimelineList);
  if (page !== null) {
    const now = timeOf(options);
    const rows = page.entries.map((entry) => cells(entry, now));
    printTable(HEADINGS, rows, `Nothing of ${service} has been deployed yet.`);
  }
}

/** What changed anywhere: both lists, the page token being that of deployments. */
async function showAll(options: Options): Promise<void> {
  const { since = SINCE_DEFAULT, limit, pageToken = "" } = options;
  const now = timeOf(options);
  const from = new Date(now - parseLength(since)).toISOString();
  const query = new URLSearchParams({ from, pageSize: String(limit) });
  const api = await openApi(options);
  const path = pathOf("timeline");
  const [deployed, happened] = await Promise.all([
    api.get(`${path}?${query.toString()}&pageToken=${pageToken}`, PlacedTimelineList),
    api.get(`${path}/happenings?${query.toString()}`, AuditList),
  ]);
  if (options.json === true) {
    printJson({ ...deployed, happenings: happened.records });
    return;
  }
  const rows = deployed.entries.map((entry) => [entry.service, ...cells(entry, now)]);
  printTable(["SERVICE", ...HEADINGS], rows, `Nothing was deployed in the last ${since}.`);
  print("");
  printTable(
    HAPPENING_HEADINGS,
    happened.records.map(({ time, service, environment, kind, by, reason }) => [
      relative(time, now),
      service,
      environment ?? "",
      kind,
      by,
      reason ?? "",
    ]),
    `Nothing else happened in the last ${since}.`,
  );
  if (deployed.nextPageToken !== "" || happened.nextPageToken !== "") {
    print({ text: "There is more: raise --limit, or see the page Changed.", tone: "faint" });
  }
}

function cells(entry: Entry, now: number): readonly Text[] {
  return [
    entry.environment,
    entry.tag ?? entry.release,
    relative(entry.from, now),
    entry.to === null ? "still there" : relative(entry.to, now),
    entry.kind,
    entry.promotion,
  ];
}
