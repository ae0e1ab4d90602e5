const LENGTH_SHORT_MAX = 127;
const TWO_BYTES = 0x82;
const OCTETS = 0x04;
const UTF8 = 0x0c;

/** Bytes as an OCTET STRING in DER. Source: https://www.itu.int/rec/T-REC-X.690 */
export function derOctets(bytes: Uint8Array): Buffer {
  return der(OCTETS, bytes);
}

/** A text as an UTF8String in DER. */
export function derText(text: string): Buffer {
  return der(UTF8, Buffer.from(text));
}

function der(tag: number, bytes: Uint8Array): Buffer {
  const { length } = bytes;
  const head =
    length <= LENGTH_SHORT_MAX ? Buffer.from([tag, length]) : Buffer.from([tag, TWO_BYTES, 0, 0]);
  if (length > LENGTH_SHORT_MAX) {
    head.writeUInt16BE(length, 2);
  }
  return Buffer.concat([head, bytes]);
}

/** A number in so many bytes, the highest first. */
export function uint(value: number, bytes: number): Buffer {
  const written = Buffer.alloc(bytes);
  written.writeUIntBE(value, Math.max(0, bytes - 6), Math.min(6, bytes));
  return written;
}
