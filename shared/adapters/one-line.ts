const LENGTH_MAX = 200;

/** What came from outside, fit to stand in a sentence: one line of visible characters, of a bounded length. */
export function oneLine(text: string): string {
  const plain = text
    .slice(0, LENGTH_MAX)
    .toWellFormed()
    .replaceAll(/[^ -~]/gu, "?");
  return text.length > LENGTH_MAX ? `${plain}…` : plain;
}
