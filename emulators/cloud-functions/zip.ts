import { crc32, inflateRawSync } from "node:zlib";

/** One file of an archive. */
export type ZipFile = { readonly path: string; readonly bytes: Uint8Array };

const END_SIGNATURE = 0x06_05_4b_50;
const ENTRY_SIGNATURE = 0x02_01_4b_50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED_FLAG = 1;

/** A file may not be more than this when it is unpacked. */
const UNPACKED_BYTES_MAX = 512 * 1024 * 1024;

/**
 * Reads the files of a zip archive by its directory; folders are left out. Large archives (zip64), encrypted
 * ones and names that lead out of the archive are refused.
 * Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 * @throws Error when it is no archive that can be read.
 */
export function readZip(bytes: Uint8Array): readonly ZipFile[] {
  const zip = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(zip);
  const count = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  const files: ZipFile[] = [];
  for (let entry = 1; entry <= count; entry += 1) {
    if (at + ENTRY_BYTES > zip.length || zip.readUInt32LE(at) !== ENTRY_SIGNATURE) {
      throw new Error("the archive's directory is damaged");
    }
    const lengths = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const [nameBytes = 0] = lengths;
    const path = zip.toString("utf8", at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes);
    if (!path.endsWith("/")) {
      files.push({ path: checkPath(path), bytes: unpack(zip, at, path) });
    }
    at += ENTRY_BYTES + lengths.reduce((sum, length) => sum + length, 0);
  }
  return files;
}

/** Where the end of the directory is told: the last thing but for a comment. */
function findEnd(zip: Buffer): number {
  for (let at = zip.length - END_BYTES; at >= 0; at -= 1) {
    if (zip.readUInt32LE(at) === END_SIGNATURE) {
      return at;
    }
  }
  throw new Error("it is no zip archive");
}

function checkPath(path: string): string {
  const isOutside = path.startsWith("/") || path.includes("\\") || path.split("/").includes("..");
  if (isOutside || path.includes("\0")) {
    throw new Error(`${path} leads out of the archive`);
  }
  return path;
}

function unpack(zip: Buffer, entry: number, path: string): Uint8Array {
  const [flags, method] = [zip.readUInt16LE(entry + 8), zip.readUInt16LE(entry + 10)];
  const [packedBytes, size] = [zip.readUInt32LE(entry + 20), zip.readUInt32LE(entry + 24)];
  const local = zip.readUInt32LE(entry + 42);
  if (
    (flags & ENCRYPTED_FLAG) !== 0 ||
    size > UNPACKED_BYTES_MAX ||
    local + LOCAL_BYTES > zip.length
  ) {
    throw new Error(`${path} cannot be unpacked`);
  }
  const start = local + LOCAL_BYTES + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const packed = zip.subarray(start, start + packedBytes);
  const bytes = inflate(packed, { method, size, path });
  if (bytes.byteLength !== size || crc32(bytes) !== zip.readUInt32LE(entry + 16)) {
    throw new Error(`${path} is damaged`);
  }
  return bytes;
}

function inflate(
  packed: Uint8Array,
  { method, size, path }: { readonly method: number; readonly size: number; readonly path: string },
): Uint8Array {
  if (method === STORED) {
    return packed;
  }
  if (method === DEFLATED) {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
  }
  throw new Error(`${path} is packed by method ${method}, which is not read here`);
}
