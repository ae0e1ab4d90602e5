import type { SpecRevision } from "../ids.ts";
import type { SpecText } from "./kept-specs.ts";
import { lineDifference } from "./lines.ts";
import type { LineDifference } from "./lines.ts";

/** How the specification differs between two releases. */
export type SpecChange =
  | { readonly kind: "same" }
  | { readonly kind: "different"; readonly difference: LineDifference }
  | { readonly kind: "unknown"; readonly reason: string };

/** Compares the texts of two revisions, as far as they are kept. */
export function specChange(
  from: SpecRevision | null,
  to: SpecRevision,
  specs: readonly SpecText[],
): SpecChange {
  if (from === to) {
    return { kind: "same" };
  }
  if (from === null) {
    return { kind: "unknown", reason: "nothing runs there, so the whole specification is new" };
  }
  const before = textOf(from, specs);
  const after = textOf(to, specs);
  const lacking = [before === null ? from : null, after === null ? to : null].filter(
    (revision) => revision !== null,
  );
  return before === null || after === null
    ? { kind: "unknown", reason: `the text of revision ${lacking.join(" and ")} is not kept` }
    : { kind: "different", difference: lineDifference(before, after) };
}

function textOf(revision: SpecRevision, specs: readonly SpecText[]): string | null {
  return specs.find((spec) => spec.revision === revision)?.text ?? null;
}
