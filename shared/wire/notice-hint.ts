import { SYSTEM_CHAIN } from "../domain/audit-record.ts";
import { readHeads } from "../domain/checkpoint.ts";
import { isTold } from "../domain/notices/notice.ts";
import { accepted } from "../domain/result.ts";
import { parseAuditMessage } from "./audit-message.ts";
import { parseJson } from "./envelope.ts";
import type { Message } from "./envelope.ts";
import type { Parsed } from "./parsed.ts";

/** How much of a message's id is kept. */
const MESSAGE_ID_LENGTH_MAX = 100;

/** Where to look, and which message said so. */
type Hint = {
  readonly message: string;
  readonly ends: readonly { readonly chain: string; readonly sequence: number }[];
};

/**
 * Reads a message of the feed as a hint. A record that nobody is told of is none; a checkpoint is one for every chain
 * that it has the head of, so that what was lost is found within the hour.
 */
export function parseNoticeHint(message: Message): Parsed<Hint> {
  const json = parseJson(message.text);
  if (!json.ok) {
    return json;
  }
  const record = parseAuditMessage(json.value);
  if (!record.ok) {
    return record;
  }
  const { service, sequence, kind, details } = record.value;
  const id = message.id.slice(0, MESSAGE_ID_LENGTH_MAX);
  if (kind === "audit.checkpoint") {
    return accepted({ message: id, ends: readHeads(details["heads"] ?? "") });
  }
  const chain = service ?? SYSTEM_CHAIN;
  return accepted({ message: id, ends: isTold(kind) ? [{ chain, sequence }] : [] });
}
