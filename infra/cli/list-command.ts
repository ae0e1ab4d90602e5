import type { Command } from "commander";
import type { z } from "zod";
import { openApi, pathOf } from "./api.ts";
import { examples, toLimit } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { printJson } from "./output.ts";
import { printTable } from "./table.ts";
import type { Text } from "./output.ts";

type Options = GlobalOptions & { readonly limit: number; readonly pageToken?: string };

const LIMIT_DEFAULT = 20;

/** A list that a service has, and how a person reads it. */
export type ServiceListing<Schema extends z.ZodType> = {
  readonly examples: readonly string[];
  readonly schema: Schema;
  readonly headings: readonly string[];
  readonly rows: (page: z.output<Schema>, nowMs: number) => readonly (readonly Text[])[];
  /** What is said of a service whose list is empty. */
  readonly empty: (service: string) => string;
};

/** Makes of `named` the command that prints a page of such a list, newest first. The API calls the list by the command's name. */
export function asServiceList<Schema extends z.ZodType>(
  named: Command,
  listing: ServiceListing<Schema>,
): Command {
  return named
    .argument("<service>", "the service's id")
    .option("--limit <number>", "how many to list", toLimit, LIMIT_DEFAULT)
    .option("--page-token <token>", "continue where an earlier list ended")
    .addHelpText("after", examples(...listing.examples))
    .action(async (service: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const api = await openApi(options);
      const query = new URLSearchParams({
        pageSize: String(options.limit),
        pageToken: options.pageToken ?? "",
      }).toString();
      const path = `${pathOf("services", service, named.name())}?${query}`;
      const page = await api.get(path, listing.schema);
      if (options.json === true) {
        printJson(page);
        return;
      }
      printTable(listing.headings, listing.rows(page, Date.now()), listing.empty(service));
    });
}
