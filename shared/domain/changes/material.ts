import { entryOf } from "../entry-of.ts";
import type { ReleaseId } from "../ids.ts";
import type { Environment } from "../service.ts";
import type { ServiceState } from "../state.ts";

/**
 * What an approval is given for, in words: over which release, hence over which digest and revision, and with which
 * migrations. The release that goes there need not be named, because a promotion never moves another. Tags do not
 * matter.
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
 * Whether the changes are still those that were shown. If the release is there already and a retry does the rest, they
 * were made as shown.
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
