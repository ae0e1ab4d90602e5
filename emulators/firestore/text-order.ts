/** Compares two texts in the order of their UTF-8 bytes, which is the order of strings and names. */
export function compareText(left: string, right: string): number {
  if (left === right) {
    return 0;
  }
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const unit = left.charCodeAt(index);
    const other = right.charCodeAt(index);
    if (unit !== other) {
      return byteRank(unit) - byteRank(other);
    }
  }
  return left.length - right.length;
}

/** Compares two resource names segment by segment, so that a document precedes what is under it. */
export function compareNames(left: string, right: string): number {
  const segments = left.split("/");
  const others = right.split("/");
  for (const [index, segment] of segments.entries()) {
    const other = others[index];
    if (other === undefined) {
      return 1;
    }
    const difference = compareText(segment, other);
    if (difference !== 0) {
      return difference;
    }
  }
  return segments.length - others.length;
}

const SURROGATE_MIN = 0xd800;
const SURROGATE_MAX = 0xdfff;
const ABOVE_ALL_UNITS = 0x10000;

/** Halves of a pair stand for code points above all others, though their units are not the largest. */
function byteRank(unit: number): number {
  return unit >= SURROGATE_MIN && unit <= SURROGATE_MAX ? unit + ABOVE_ALL_UNITS : unit;
}
