import { isNode, LineCounter, parseDocument } from "yaml";
import { formatPath } from "./problem.ts";
import type { Path, Problem } from "./problem.ts";

/** Where a value stands in a service.yaml; where it is missing, where what should have it does, or the start. */
export function positionOf(text: string, path: Path): Pick<Problem, "line" | "column"> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) {
      const { line, col } = lines.linePos(node.range[0]);
      return { line, column: col };
    }
  }
  return { line: 1, column: 1 };
}

/** What is wrong or worth knowing, and about which key of the file. */
export type Found = { readonly path: Path; readonly message: string };

/** A problem where its key stands in the file. */
export function problemAt(
  text: string,
  { path, message }: Found,
  severity: Problem["severity"],
): Problem {
  const { line, column } = positionOf(text, path);
  return { severity, path: formatPath(path), line, column, message };
}

/** Problems in the order in which they stand in the file. */
export function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((one, other) => one.line - other.line || one.column - other.column);
}
