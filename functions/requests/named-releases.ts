import { nameRelease } from "../../shared/app/name-release.ts";
import type { ReleaseId } from "../../shared/domain/ids.ts";
import { succeededIn } from "../../shared/domain/release.ts";
import type { Release } from "../../shared/domain/release.ts";
import type { Environment } from "../../shared/domain/service.ts";
import { stageBefore } from "../../shared/domain/state.ts";
import type { SeenService } from "../../shared/ports/store.ts";
import type { RequestContext } from "./context.ts";
import { RequestError, toRequestError } from "./errors.ts";

type IsMeant = (release: Release) => boolean;

/** Any release of an image: the one that was made last is meant. */
const ANY: IsMeant = () => true;

/** Of an image's releases, one that may be promoted there: it has proved itself in the stage before. */
export function toPromote({ state }: SeenService, environment: Environment): IsMeant {
  const before = stageBefore(state.service, environment);
  return before === null ? ANY : (release) => succeededIn(release, before.id) !== null;
}

/** Of an image's releases, one that there is to go back to: it has proved itself there. */
export function toGoBackTo(environment: Environment): IsMeant {
  return (release) => succeededIn(release, environment.id) !== null;
}

/**
 * The release that is named by id, tag, digest or an unambiguous part of them; null when none is.
 * @throws RequestError NOT_FOUND when it names none, INVALID_ARGUMENT when it could be several.
 */
export async function releaseIdNamed(
  context: RequestContext,
  { state }: SeenService,
  { name, isMeant = ANY }: { readonly name: string | undefined; readonly isMeant?: IsMeant },
): Promise<ReleaseId | null> {
  if (name === undefined) {
    return null;
  }
  const found = await nameRelease(context.get("wiring").ports, state, { name, isMeant });
  if (!found.ok) {
    throw toRequestError(found.refusal);
  }
  return found.value;
}

/** The release that is named. @throws RequestError as `releaseIdNamed` does. */
export async function releaseNamed(
  context: RequestContext,
  seen: SeenService,
  name: string,
): Promise<Release> {
  const id = await releaseIdNamed(context, seen, { name });
  const { store } = context.get("wiring").ports;
  const release = id === null ? null : await store.release(seen.state.service.id, id);
  if (release === null) {
    throw new RequestError("NOT_FOUND", `service ${seen.state.service.id} has no release ${name}`);
  }
  return release;
}
