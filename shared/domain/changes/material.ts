import { entryOf } from "../entry-of.ts";
import type { ReleaseId } from "../ids.ts";
import type { Environment } from "../service.ts";
import type { ServiceState } from "../state.ts";

/**
 * What an approval is given for, in words: from which release, hence which digest under which revision of the
 * specification, and with which migrations. The release that goes there is the promotion's own, and never another.
 * A tag that is put on an image is no part of it.
 */
export function materialOf(state: ServiceState, { id, policy }: Environment): string {
  const current = entryOf(state.environments, id)?.current ?? null;
  const { before, after } = policy.migrations;
  const words = [
    current === null ? "over nothing" : `over ${current.release}`,
    before === null ? null : `migration ${before.job} before`,
    after === null
      ? null
      : `migration ${after.job} after (${after.start}, ${after.reversible ? "can" : "cannot"} be undone)`,
  ];
  return words.filter((word) => word !== null).join("; ");
}

/**
 * Whether what was shown still holds. Where the release is there already, and a retry does what is left, it has come
 * over what was shown.
 */
export function stillHolds(shown: string | null, { state, environment, release }: Place): boolean {
  const current = entryOf(state.environments, environment.id)?.current ?? null;
  return shown === null || current?.release === release || shown === materialOf(state, environment);
}

type Place = {
  readonly state: ServiceState;
  readonly environment: Environment;
  readonly release: ReleaseId;
};
