const COMPARED_LENGTH_MAX = 64;

/**
 * The candidate that was probably meant: equal but for case, or at most a third of its letters away.
 * Null when none is near.
 */
export function nearest(written: string, candidates: readonly string[]): string | null {
  const lower = written.toLowerCase();
  const similar = candidates.filter(
    ({ length }) => Math.abs(length - written.length) <= Math.max(1, Math.floor(length / 3)),
  );
  const distances = similar.map((candidate) => ({
    candidate,
    distance: editDistance(lower, candidate.toLowerCase()),
  }));
  const near = distances.filter(
    ({ candidate, distance }) => distance <= Math.max(1, Math.floor(candidate.length / 3)),
  );
  return near.toSorted((a, b) => a.distance - b.distance)[0]?.candidate ?? null;
}

/** The end of a message that offers the near miss, or nothing. */
export function didYouMean(written: string, candidates: readonly string[]): string {
  const candidate = nearest(written, candidates);
  return candidate === null ? "" : `; did you mean "${candidate}"?`;
}

/** How many letters must be added, removed, changed or swapped; infinite beyond the compared length. */
function editDistance(left: string, right: string): number {
  if (left.length > COMPARED_LENGTH_MAX || right.length > COMPARED_LENGTH_MAX) {
    return Number.POSITIVE_INFINITY;
  }
  const rows = [Array.from({ length: right.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= left.length; row += 1) {
    rows.push([row]);
    for (let column = 1; column <= right.length; column += 1) {
      rows[row]?.push(cheapest(rows, left.slice(0, row), right.slice(0, column)));
    }
  }
  return rows.at(-1)?.at(-1) ?? 0;
}

/** The distance of two beginnings, from the distances of shorter ones. */
function cheapest(rows: readonly (readonly number[])[], left: string, right: string): number {
  const shorter = (fromLeft: number, fromRight: number): number =>
    rows[left.length - fromLeft]?.[right.length - fromRight] ?? Number.POSITIVE_INFINITY;
  const isSame = left.at(-1) === right.at(-1);
  const isSwapped = left.at(-1) === right.at(-2) && left.at(-2) === right.at(-1);
  return Math.min(
    shorter(1, 1) + (isSame ? 0 : 1),
    shorter(1, 0) + 1,
    shorter(0, 1) + 1,
    isSwapped ? shorter(2, 2) + 1 : Number.POSITIVE_INFINITY,
  );
}
