import { isNode, LineCounter, parseDocument } from "yaml";
import { parseImageRepository } from "../../shared/adapters/image-repository.ts";
import { PermanentError } from "../../shared/ports/errors.ts";
import { parseImageReference } from "../../shared/wire/image-reference.ts";
import type { Problem } from "../../shared/wire/spec/problem.ts";
import type { ServiceSpec } from "../../shared/wire/spec/schema.ts";

const PATH = ["build", "image"];

/**
 * Every problem of a specification that is to be delivered: those it has anyway and, as an error, an image that
 * is not in a repository of Artifact Registry, because images are looked up there.
 */
export function withDeliveryProblems(
  text: string,
  { build }: ServiceSpec,
  problems: readonly Problem[],
): readonly Problem[] {
  const image = build.image ?? "";
  if (isRepository(image)) {
    return problems;
  }
  const path = PATH.join(".");
  const shown = image === "" ? "nothing" : JSON.stringify(image);
  const message = `must be a repository of Artifact Registry, such as us-central1-docker.pkg.dev/project/repository/image, for its images to be delivered; it is ${shown}`;
  const error = { severity: "error", path, ...positionOf(text), message } as const;
  return [...problems.filter((problem) => problem.path !== path), error].toSorted(
    (one, other) => one.line - other.line || one.column - other.column,
  );
}

function isRepository(image: string): boolean {
  try {
    parseImageRepository(parseImageReference(image)?.repository ?? "");
    return true;
  } catch (error) {
    if (error instanceof PermanentError) {
      return false;
    }
    throw error;
  }
}

/** Where the image stands; when it is missing, where `build` does, or the start of the text. */
function positionOf(text: string): { readonly line: number; readonly column: number } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  for (let length = PATH.length; length > 0; length -= 1) {
    const node = document.getIn(PATH.slice(0, length), true);
    if (isNode(node) && node.range) {
      const { line, col } = lines.linePos(node.range[0]);
      return { line, column: col };
    }
  }
  return { line: 1, column: 1 };
}
