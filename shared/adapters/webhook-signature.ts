import { createHmac } from "node:crypto";
import { accepted, refused } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";

/** How many secrets sign at once: the new one and the old one, while a receiver changes. */
const SECRETS_MAX = 5;

/** Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme */
const KEY_LENGTH_MIN = 24;
const KEY_LENGTH_MAX = 64;
const SECRET = /^whsec_(?<key>[A-Za-z0-9+/]+={0,2})$/;

/** The keys that a secret's text has: one a line, each `whsec_` and a key in base64. */
export function parseWebhookKeys(text: string): Result<readonly Buffer[], string> {
  const written = text.split(/\s+/).filter((part) => part !== "");
  const keys = written.map((part) =>
    Buffer.from(SECRET.exec(part)?.groups?.["key"] ?? "", "base64"),
  );
  const isWhole = keys.every(
    ({ byteLength }) => byteLength >= KEY_LENGTH_MIN && byteLength <= KEY_LENGTH_MAX,
  );
  return isWhole && keys.length > 0 && keys.length <= SECRETS_MAX
    ? accepted(keys)
    : refused(
        `must have one to ${SECRETS_MAX} lines, each whsec_ and ${KEY_LENGTH_MIN} to ${KEY_LENGTH_MAX} bytes in base64`,
      );
}

/** What is signed: the message's id, when it was sent in seconds, and its body, byte for byte. */
export type Signed = { readonly id: string; readonly seconds: number; readonly body: string };

/**
 * The headers of Standard Webhooks, with a signature by each key. A few lines of ours: the package `standardwebhooks`
 * brings a SHA-256 of its own, which Node has; tests verify with it.
 * Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signWebhook(
  keys: readonly Buffer[],
  { id, seconds, body }: Signed,
): Readonly<Record<string, string>> {
  const signatures = keys.map(
    (key) => `v1,${createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64")}`,
  );
  return {
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": signatures.join(" "),
  };
}
