import { readFile } from "node:fs/promises";
import { z } from "zod";
import { readHeads } from "../../shared/domain/checkpoint.ts";
import type { ChainHead } from "../../shared/domain/checkpoint.ts";
import { AuditView, HeadView } from "../../shared/wire/api/schemas.ts";
import { parseAuditMessage } from "../../shared/wire/audit-message.ts";
import { parseJson } from "../../shared/wire/envelope.ts";
import { CliError, EXIT } from "./cli-error.ts";

/** What was kept elsewhere of one chain: the hash of each record by its number. */
export type Kept = ReadonlyMap<number, string>;

/** A message as `gcloud pubsub subscriptions pull --format=json` and the REST API give it. */
const Pulled = z.object({ message: z.object({ data: z.string() }) });

/** A row as a BigQuery or Cloud Storage subscription writes it. */
const Row = z.object({ data: z.string() });

/**
 * Reads what was kept of chains in some files: heads that `audit heads` printed, records, or messages of the feed, as JSON: a list,
 * or one a line. A checkpoint counts for all the heads that it carries.
 * @throws CliError for a file that cannot be read, and for an item that is none of these.
 */
export async function readKept(paths: readonly string[]): Promise<ReadonlyMap<string, Kept>> {
  const kept = new Map<string, Map<number, string>>();
  for (const path of paths) {
    for (const head of await headsIn(path)) {
      const own = kept.get(head.chain) ?? new Map<number, string>();
      kept.set(head.chain, own.set(head.sequence, head.hash));
    }
  }
  return kept;
}

async function headsIn(path: string): Promise<readonly ChainHead[]> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new CliError(EXIT.usage, `${path} cannot be read: ${String(error)}`);
  });
  return itemsOf(path, text).flatMap((item, index) => {
    const heads = headsOf(item);
    if (heads === null) {
      const message = `${path}: item ${index + 1} is no head, record or message of the feed`;
      throw new CliError(EXIT.usage, message);
    }
    return heads;
  });
}

function itemsOf(path: string, text: string): readonly unknown[] {
  const whole = parse(text);
  if (whole !== undefined) {
    return Array.isArray(whole) ? whole : [whole];
  }
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line, index) => {
    const item = parse(line);
    if (item === undefined) {
      throw new CliError(EXIT.usage, `${path}: line ${index + 1} is not JSON`);
    }
    return item;
  });
}

/** What a text is as JSON; undefined when it is none. */
function parse(text: string): unknown {
  const parsed = parseJson(text);
  return parsed.ok ? parsed.value : undefined;
}

function headsOf(item: unknown): readonly ChainHead[] | null {
  const head = HeadView.safeParse(item);
  if (head.success) {
    const { chain, sequence, hash } = head.data;
    return sequence === null || hash === null ? [] : [{ chain, sequence, hash }];
  }
  const record = AuditView.safeParse(item);
  if (record.success) {
    return headsOfRecord(record.data);
  }
  const event = parseAuditMessage(item);
  if (event.ok) {
    return headsOfRecord(event.value);
  }
  const body = bodyOf(item);
  return body === undefined ? null : headsOf(body);
}

function headsOfRecord({
  service,
  sequence,
  hash,
  details,
}: z.output<typeof AuditView>): ChainHead[] {
  return [{ chain: service, sequence, hash }, ...readHeads(details["heads"] ?? "")];
}

function bodyOf(item: unknown): unknown {
  const pulled = Pulled.safeParse(item);
  if (pulled.success) {
    return parse(Buffer.from(pulled.data.message.data, "base64").toString("utf8"));
  }
  const row = Row.safeParse(item);
  return row.success ? parse(row.data.data) : undefined;
}
