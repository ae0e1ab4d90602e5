import { isMachine, normalAddress, normalPrincipal, toPrincipal } from "../domain/principal.ts";
import type { Principal } from "../domain/policy.ts";
import type { Actor } from "../domain/release.ts";
import { accepted, refused } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import { askedOf } from "../domain/rights/question.ts";
import type { Asked, Bearers, Question } from "../domain/rights/question.ts";
import type { InstallationAccess } from "../domain/rights/relation.ts";
import { refusalWords } from "../domain/rights/words.ts";
import type { Membership } from "./membership.ts";

/** A caller whose identity has been verified. */
export type Caller = {
  /** Lower case. */
  readonly email: string;
  /** Whether the account is managed by the organisation that its address names. */
  readonly isManaged: boolean;
};

/** The caller as a record names them. */
export function toActor({ email }: Pick<Caller, "email">): Actor {
  return toPrincipal(email);
}

/** What is needed to answer questions of rights. */
export type RightsDesk = {
  readonly access: InstallationAccess;
  readonly caller: Caller;
  /** The caller's, kept for all questions of one request. */
  readonly members: Membership;
};

/** Whether the caller has a right. */
export async function hasRight(desk: RightsDesk, question: Question): Promise<boolean> {
  return (await askRight(desk, question)).ok;
}

/** Whether the caller has a right, and if not, the words that say who has it. */
export async function askRight(
  desk: RightsDesk,
  question: Question,
): Promise<Result<null, string>> {
  const asked = askedOf(desk.access, question);
  const refusing = await refusingPlaces(desk, question, asked);
  const isHeld =
    asked.how === "some" ? refusing.length < asked.places.length : refusing.length === 0;
  return isHeld && asked.places.length > 0
    ? accepted(null)
    : refused(
        refusalWords(desk.caller.email, question, refusing) +
          desk.members.excuse(groupsOf(refusing.flatMap(principalsOf))),
      );
}

/** The places in which the caller is none of those who have the right. */
async function refusingPlaces(
  desk: RightsDesk,
  { right }: Question,
  { places }: Asked,
): Promise<readonly Bearers[]> {
  // A machine agrees to nothing because of a group or a domain that somebody put it into.
  const isByNameOnly = right === "approve" && isMachine(desk.caller.email);
  const others = places.filter((place) => !isNamed(desk.caller, principalsOf(place)));
  const answers = await Promise.all(
    others.map(async (place) => {
      const groups = isByNameOnly ? [] : groupsOf(principalsOf(place));
      return (await Promise.all(groups.map(desk.members.includes))).some(Boolean);
    }),
  );
  return others.filter((_, index) => answers[index] !== true);
}

function principalsOf({ by }: Bearers): readonly Principal[] {
  return by
    .flatMap(({ principals }) => principals)
    .map(normalPrincipal)
    .filter((principal) => principal !== null);
}

function isNamed({ email, isManaged }: Caller, principals: readonly Principal[]): boolean {
  const address = normalAddress(email);
  if (address === null) {
    return false;
  }
  const self = toPrincipal(address);
  const domain = `domain:${address.slice(address.indexOf("@") + 1)}`;
  return principals.some(
    (principal) => principal === self || (isManaged && !isMachine(address) && principal === domain),
  );
}

function groupsOf(principals: readonly Principal[]): readonly string[] {
  const groups = principals.filter((principal) => principal.startsWith("group:"));
  return [...new Set(groups)].map((group) => group.slice("group:".length));
}
