import { parseImageRepository } from "../../shared/adapters/image-repository.ts";
import { PermanentError } from "../../shared/ports/errors.ts";
import { parseImageReference } from "../../shared/wire/image-reference.ts";
import type { Problem } from "../../shared/wire/spec/problem.ts";
import type { ServiceSpec } from "../../shared/wire/spec/schema.ts";
import { inOrder, positionOf } from "./position.ts";

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
  const error = { severity: "error", path, ...positionOf(text, PATH), message } as const;
  return inOrder([...problems.filter((problem) => problem.path !== path), error]);
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
