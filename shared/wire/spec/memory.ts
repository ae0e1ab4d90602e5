const PART = /^(\d+(?:\.\d*)?|\.\d+)(B|Ki|Mi|Gi|Ti)/;
const UNIT_BYTES: ReadonlyMap<string, number> = new Map([
  ["B", 1],
  ["Ki", 2 ** 10],
  ["Mi", 2 ** 20],
  ["Gi", 2 ** 30],
  ["Ti", 2 ** 40],
]);

/** How many bytes `512Mi`, `1.5Gi`, `+1Gi` or `1Gi512Mi` are; null when the text is no amount of memory. */
export function parseMemoryBytes(text: string): number | null {
  let rest = text.startsWith("+") ? text.slice(1) : text;
  let bytes = 0;
  while (rest !== "") {
    const part = PART.exec(rest);
    if (part === null) {
      return null;
    }
    bytes += Number(part[1]) * (UNIT_BYTES.get(part[2] ?? "") ?? 0);
    rest = rest.slice(part[0].length);
  }
  return text === "" || text === "+" ? null : bytes;
}
