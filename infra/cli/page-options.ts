import type { Command } from "commander";
import type { z } from "zod";
import { openApi } from "./api.ts";
import { toLimit } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { printJson } from "./output.ts";

/** The options of commands that print a page of a list. */
export type PageOptions = GlobalOptions & { readonly limit: number; readonly pageToken?: string };

const LIMIT_DEFAULT = 20;

/** Adds the options of a command that prints a page of a list. */
export function addPageOptions(command: Command): Command {
  return command
    .option("--limit <number>", "how many to list", toLimit, LIMIT_DEFAULT)
    .option("--page-token <token>", "continue where an earlier list ended");
}

/** Reads the page of a list that is asked for; null when it was asked for as JSON, and is printed. @throws CliError */
export async function readPage<Schema extends z.ZodType>(
  options: PageOptions,
  path: string,
  schema: Schema,
): Promise<z.output<Schema> | null> {
  const api = await openApi(options);
  const query = new URLSearchParams({
    pageSize: String(options.limit),
    pageToken: options.pageToken ?? "",
  }).toString();
  const page = await api.get(`${path}?${query}`, schema);
  if (options.json === true) {
    printJson(page);
    return null;
  }
  return page;
}
