import { crc32, deflateRawSync } from "node:zlib";

/** A file of an archive. */
export type ZipEntry = { readonly name: string; readonly bytes: Uint8Array };

const LOCAL_HEADER = 0x04_03_4b_50;
const CENTRAL_HEADER = 0x02_01_4b_50;
const END_OF_DIRECTORY = 0x06_05_4b_50;
const VERSION = 20;
/** Made by Unix, so that the mode of files counts. */
const MADE_BY = 0x03_14;
const NAMES_ARE_UTF8 = 0x08_00;
const DEFLATED = 8;
/** 1980-01-01, the first date that there is: an archive of the same files has the same bytes. */
const DATE = 0x00_21;
/** A plain file that everybody may read. */
const ATTRIBUTES = 0o100_644 * 0x1_00_00;

/**
 * Files as one archive. The same files give the same bytes, whenever and wherever.
 * Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export function zip(entries: readonly ZipEntry[]): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes } of entries) {
    const packed = deflateRawSync(bytes, { level: 9 });
    const file = { name: Buffer.from(name), sum: crc32(bytes), packed, size: bytes.length };
    const header = Buffer.concat([signature(LOCAL_HEADER), common(file), file.name]);
    parts.push(header, packed);
    directory.push(centralHeader(file, offset));
    offset += header.length + packed.length;
  }
  const list = Buffer.concat(directory);
  return Buffer.concat([...parts, list, end(entries.length, list.length, offset)]);
}

type Packed = {
  readonly name: Buffer;
  readonly sum: number;
  readonly packed: Buffer;
  readonly size: number;
};

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** What both headers of a file say alike. */
function common({ name, sum, packed, size }: Packed): Buffer {
  const bytes = Buffer.alloc(26);
  bytes.writeUInt16LE(VERSION, 0);
  bytes.writeUInt16LE(NAMES_ARE_UTF8, 2);
  bytes.writeUInt16LE(DEFLATED, 4);
  bytes.writeUInt16LE(0, 6);
  bytes.writeUInt16LE(DATE, 8);
  bytes.writeUInt32LE(sum, 10);
  bytes.writeUInt32LE(packed.length, 14);
  bytes.writeUInt32LE(size, 18);
  bytes.writeUInt16LE(name.length, 22);
  return bytes;
}

function centralHeader(file: Packed, offset: number): Buffer {
  const before = Buffer.alloc(2);
  before.writeUInt16LE(MADE_BY);
  const after = Buffer.alloc(14);
  after.writeUInt32LE(ATTRIBUTES, 6);
  after.writeUInt32LE(offset, 10);
  return Buffer.concat([signature(CENTRAL_HEADER), before, common(file), after, file.name]);
}

function end(count: number, size: number, offset: number): Buffer {
  const bytes = Buffer.alloc(22);
  bytes.writeUInt32LE(END_OF_DIRECTORY, 0);
  bytes.writeUInt16LE(count, 8);
  bytes.writeUInt16LE(count, 10);
  bytes.writeUInt32LE(size, 12);
  bytes.writeUInt32LE(offset, 16);
  return bytes;
}
