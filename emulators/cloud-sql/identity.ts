import { createHash } from "node:crypto";

/** A UUID made of a text; the same text gives the same one, so a run can be repeated. */
export function uuidFor(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...parts, hex.slice(20, 32)].join("-");
}

/** A number from 1 to 254 made of a text, for the last part of an address. */
export function octetFor(text: string): number {
  return 1 + ((createHash("sha256").update(text).digest()[0] ?? 0) % 254);
}
