import { PermanentError } from "../ports/errors.ts";
import { readImageRepository } from "../wire/image-repository.ts";
import type { ImageRepository } from "../wire/image-repository.ts";

/**
 * The place of an image in Artifact Registry, from its name without tag or digest.
 * @throws PermanentError when the text names none.
 */
export function parseImageRepository(text: string): ImageRepository {
  const parsed = readImageRepository(text);
  if (parsed === null) {
    throw new PermanentError("INVALID_ARGUMENT", `${text} names no image of Artifact Registry`);
  }
  return parsed;
}
