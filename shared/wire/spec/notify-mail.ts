import { z } from "zod";
import { MAIL_ADDRESS } from "../mail-relay.ts";
import { matching } from "./fields.ts";

/** How many addresses a mail goes to. */
const MAIL_RECIPIENTS_MAX = 10;

const address = matching(
  "An address that gets mail, in a domain that the installation allows.",
  MAIL_ADDRESS,
  "an address, such as web-team@example.com",
).meta({ examples: ["web-team@example.com"] });

/** Whom an entry has mail sent to. */
export const mailAddresses = z
  .array(address)
  .min(1)
  .max(MAIL_RECIPIENTS_MAX)
  .optional()
  .describe("Who gets mail, where the installation has a relay. All of them get the same.");

/** Addresses, each once and in one order: a channel is the same however they are written. */
export function toAddresses(written: readonly string[]): readonly string[] {
  return [...new Set(written.map((one) => one.toLowerCase()))].toSorted();
}
