/** What is uploaded in place of an archive: nothing is zipped, uploaded and built. */
const NOTE =
  "The functions of this archive are in the repository of the local cloud, and run from there.\n";

/** The archive of functions that run from where they are. */
export function inPlaceArchive(): Uint8Array {
  return new TextEncoder().encode(NOTE);
}

/** Whether an archive is that one. */
export function isInPlace(archive: Uint8Array): boolean {
  return new TextDecoder().decode(archive) === NOTE;
}
