import { duration } from "../domain/time.ts";
import { PermanentError, TransientError } from "../ports/errors.ts";
import type { Ports } from "../ports/ports.ts";

/** How long a person waits for one group to be looked up: what takes longer, others must not wait for. */
export const LOOKUP_MAX = duration(5000);

/** Which groups somebody is in. */
export type Membership = {
  /** Whether they are in the group; it is asked once, however often that is wanted. */
  readonly includes: (group: string) => Promise<boolean>;
  /** Those of the groups that could not be asked, as a sentence; empty when there are none. */
  readonly excuse: (groups: readonly string[]) => string;
};

/**
 * The memberships of one caller, for one request. A group whose members cannot be told has none for now: what it would
 * allow is refused, what others allow is not. The failure is caught here, and not at the edge, for that reason.
 */
export function membershipOf(
  { directory, log, patience }: Pick<Ports, "directory" | "log" | "patience">,
  email: string,
): Membership {
  const asked = new Map<string, Promise<boolean>>();
  const silent = new Set<string>();
  async function ask(group: string): Promise<boolean> {
    try {
      return await patience.within(LOOKUP_MAX, async () => directory.isMember(group, email));
    } catch (error) {
      if (error instanceof TransientError || error instanceof PermanentError) {
        const { status, message } = error;
        log.error("group cannot be looked up", { group, status, cause: message });
        silent.add(group);
        return false;
      }
      throw error;
    }
  }
  return {
    includes: async (group) => {
      const answer = asked.get(group) ?? ask(group);
      asked.set(group, answer);
      return answer;
    },
    excuse: (groups) => {
      const unknown = groups.filter((group) => silent.has(group)).map((group) => `group:${group}`);
      return unknown.length === 0
        ? ""
        : `. ${unknown.join(", ")} could not be looked up: try again later`;
    },
  };
}
