import type { Command } from "commander";
import type { z } from "zod";
import { pathOf } from "./api.ts";
import { timeOf } from "./clock.ts";
import { examples } from "./options.ts";
import { addPageOptions, readPage } from "./page-options.ts";
import type { PageOptions } from "./page-options.ts";
import { printTable } from "./table.ts";
import type { Text } from "./output.ts";

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
  return addPageOptions(named.argument("<service>", "the service's id"))
    .addHelpText("after", examples(...listing.examples))
    .action(async (service: string, _: unknown, command: Command) => {
      const path = pathOf("services", service, named.name());
      const options = command.optsWithGlobals<PageOptions>();
      const page = await readPage(options, path, listing.schema);
      if (page !== null) {
        printTable(listing.headings, listing.rows(page, timeOf(options)), listing.empty(service));
      }
    });
}
