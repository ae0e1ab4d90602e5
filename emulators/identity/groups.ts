import { createHash } from "node:crypto";
import { z } from "zod";
import { anybodyKnown } from "../kit/access/rules.ts";
import { googleError } from "../kit/google-error.ts";
import { type RestMethod, restMethods, taking } from "../kit/rest-table.ts";
import { toSubject } from "./id-tokens.ts";

/** A group with its direct members: people, service accounts, and other groups by their address. */
export type Group = { readonly email: string; readonly members: readonly string[] };

/** The groups by lower-case address. */
export type Groups = ReadonlyMap<string, Group>;

const MEMBER_QUERY = /^\s*member_key_id\s*==\s*(['"])((?:(?!\1).)+)\1\s*$/;

/** Indexes groups by address; of two with one address the later counts. */
export function toGroups(groups: readonly Group[]): Groups {
  return new Map(groups.map((group) => [group.email.toLowerCase(), group]));
}

const SERVICE = "google.apps.cloudidentity.groups.v1";

const Key = z.strictObject({ id: z.string().min(1) });
const Lookup = z.strictObject({ groupKey: Key });
const Membership = z.strictObject({ parent: z.string(), memberKey: Key });
const Check = z.strictObject({
  parent: z.string(),
  query: z.string().regex(MEMBER_QUERY, "query must have the form member_key_id == 'address'"),
});

/**
 * The part of the Cloud Identity API that says who belongs to which group.
 * Sources: https://cloud.google.com/identity/docs/reference/rest/v1/groups/lookup and
 * https://cloud.google.com/identity/docs/reference/rest/v1/groups.memberships
 */
export function groupMethods(groups: () => Groups): readonly RestMethod[] {
  const members = "/v1/{parent=groups/*}/memberships";
  const finding = taking(Lookup, ({ groupKey }) => {
    const name = toGroupName(groupKey.id);
    groupNamed(groups(), name);
    return { name };
  });
  const checking = taking(Check, ({ parent, query }) => {
    const { email } = groupNamed(groups(), parent);
    const member = MEMBER_QUERY.exec(query)?.[2] ?? "";
    return isInGroup(groups(), email, member) ? { hasMembership: true } : {};
  });
  /** The membership that the group itself has of a member. */
  const findingMember = taking(Membership, ({ parent, memberKey: { id } }) => {
    const known = groupNamed(groups(), parent).members.map((address) => address.toLowerCase());
    if (!known.includes(id.toLowerCase())) {
      const message = `Error(4003): Cannot find membership of ${id} in ${parent}.`;
      throw googleError("NOT_FOUND", message);
    }
    return { name: `${parent}/memberships/${toSubject(id)}` };
  });
  return [
    ...restMethods(`${SERVICE}.GroupsService`, [
      ["LookupGroupName", "GET", "/v1/groups:lookup", anybodyKnown, finding],
    ]),
    ...restMethods(`${SERVICE}.MembershipsService`, [
      [
        "CheckTransitiveMembership",
        "GET",
        `${members}:checkTransitiveMembership`,
        anybodyKnown,
        checking,
      ],
      ["LookupMembershipName", "GET", `${members}:lookup`, anybodyKnown, findingMember],
    ]),
  ];
}

/** @throws GoogleError PERMISSION_DENIED when there is no such group, as for one that may not be seen */
function groupNamed(groups: Groups, name: string): Group {
  const found = [...groups.values()].find(({ email }) => toGroupName(email) === name);
  if (found === undefined) {
    const description = `Error(2028): Permission denied for resource ${name} (or it may not exist).`;
    throw googleError("PERMISSION_DENIED", description);
  }
  return found;
}

/** The resource name of a group, which does not tell its address. */
function toGroupName(email: string): string {
  return `groups/0${createHash("sha256").update(email.toLowerCase()).digest("hex").slice(0, 14)}`;
}

/** Whether an address belongs to a group, directly or through others; to one that is not there nobody does. */
export function isInGroup(groups: Groups, email: string, member: string): boolean {
  const wanted = member.toLowerCase();
  /** Groups may contain each other; each is looked at once. */
  const seen = new Set<string>();
  function has(group: string): boolean {
    if (seen.has(group)) {
      return false;
    }
    seen.add(group);
    const members = groups.get(group)?.members ?? [];
    return members
      .map((address) => address.toLowerCase())
      .some((address) => address === wanted || has(address));
  }
  return has(email.toLowerCase());
}
