/** How many bytes a number takes, and how many a boolean or null. */
const NUMBER_BYTES = 8;
const FLAG_BYTES = 1;

/**
 * How many bytes plain data takes in a document of Firestore, without the document's name.
 * Source: https://cloud.google.com/firestore/docs/storage-size
 */
export function sizeOf(value: unknown): number {
  if (typeof value === "string") {
    return sizeOfText(value);
  }
  if (typeof value === "number") {
    return NUMBER_BYTES;
  }
  if (typeof value !== "object" || value === null) {
    return FLAG_BYTES;
  }
  let size = 0;
  if (Array.isArray(value)) {
    for (const item of value) {
      size += sizeOf(item);
    }
    return size;
  }
  for (const [name, part] of Object.entries(value)) {
    size += sizeOfText(name) + sizeOf(part);
  }
  return size;
}

/** The bytes of a text in UTF-8, and one more, as Firestore counts. */
function sizeOfText(text: string): number {
  let size = text.length + 1;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) {
      // A character beyond U+FFFF has four bytes and two halves: two bytes are counted for each half.
      size += unit > 0x7_ff && (unit < 0xd8_00 || unit > 0xdf_ff) ? 2 : 1;
    }
  }
  return size;
}
