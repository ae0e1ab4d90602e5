import { invalid } from "./storage-error.ts";

/** One part of a multipart body. */
export type Part = { readonly contentType: string | undefined; readonly bytes: Uint8Array };

/**
 * Cuts a `multipart/related` body into its parts.
 * Source: https://www.rfc-editor.org/rfc/rfc2387 and https://www.rfc-editor.org/rfc/rfc2046#section-5.1
 * @throws GoogleError INVALID_ARGUMENT when it is not of that form.
 */
export function parseMultipart(contentType: string, body: Buffer): readonly Part[] {
  const match = /boundary=(?:"([^"]+)"|'([^']+)'|([^;\s]+))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2] ?? match?.[3];
  if (boundary === undefined) {
    throw invalid("Missing the boundary of the multipart body.");
  }
  const delimiter = `--${boundary}`;
  const parts: Part[] = [];
  let start = body.indexOf(delimiter);
  for (;;) {
    const from = start + delimiter.length;
    const end = body.indexOf(`\n${delimiter}`, from);
    if (start < 0 || end < 0) {
      break;
    }
    parts.push(parsePart(body.subarray(from, end)));
    start = end + 1;
  }
  return parts;
}

/** From the end of the delimiter to the line break before the next one. */
function parsePart(raw: Buffer): Part {
  const text = raw.toString("latin1");
  const separator = /\r?\n\r?\n/.exec(text);
  if (separator === null) {
    throw invalid("Malformed multipart body.");
  }
  const header = text.slice(0, separator.index);
  const content = raw.subarray(separator.index + separator[0].length);
  const bytes = content.at(-1) === 0x0d ? content.subarray(0, -1) : content;
  return { contentType: /^content-type:\s*(.+?)\s*$/im.exec(header)?.[1], bytes };
}
