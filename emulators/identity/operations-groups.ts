import { createHash } from "node:crypto";
import { badRequest, googleError, type GoogleError } from "../kit/google-error.ts";
import { toSubject } from "./operations-tokens.ts";

/** A group with its direct members: people, service accounts, and other groups by their address. */
export type Group = { readonly email: string; readonly members: readonly string[] };

/** The groups by lower-case address. */
export type Groups = ReadonlyMap<string, Group>;

const MEMBER_QUERY = /^\s*member_key_id\s*==\s*(?:'([^']+)'|"([^"]+)")\s*$/;

/** Indexes groups by address; of two with one address the later counts. */
export function toGroups(groups: readonly Group[]): Groups {
  return new Map(groups.map((group) => [group.email.toLowerCase(), group]));
}

/**
 * `groups.lookup`: the name of the group with an address.
 * Source: https://cloud.google.com/identity/docs/reference/rest/v1/groups/lookup
 * @throws GoogleError INVALID_ARGUMENT without an address, PERMISSION_DENIED when there is no such group.
 */
export function lookupGroup(groups: Groups, email: string | undefined): { readonly name: string } {
  if (email === undefined || email === "") {
    throw badRequest("group_key.id", "group_key.id is required");
  }
  if (!groups.has(email.toLowerCase())) {
    throw denied(toGroupName(email));
  }
  return { name: toGroupName(email) };
}

/**
 * `groups.memberships.checkTransitiveMembership`: whether a member belongs to a group, directly or
 * through other groups. The query is `member_key_id == 'address'`.
 * Source: https://cloud.google.com/identity/docs/reference/rest/v1/groups.memberships/checkTransitiveMembership
 * @throws GoogleError INVALID_ARGUMENT for another query, PERMISSION_DENIED when there is no such group.
 */
export function checkTransitiveMembership(
  groups: Groups,
  name: string,
  query: string | undefined,
): { readonly hasMembership?: true } {
  const group = [...groups.values()].find(({ email }) => toGroupName(email) === name);
  const match = MEMBER_QUERY.exec(query ?? "");
  const member = match?.[1] ?? match?.[2];
  if (member === undefined) {
    throw badRequest("query", "query must have the form member_key_id == 'address'");
  }
  if (group === undefined) {
    throw denied(name);
  }
  return hasMember({ groups, member: member.toLowerCase(), seen: new Set() }, group)
    ? { hasMembership: true }
    : {};
}

/**
 * `groups.memberships.lookup`: the name of the membership that the group itself has of a member.
 * Source: https://cloud.google.com/identity/docs/reference/rest/v1/groups.memberships/lookup
 * @throws GoogleError INVALID_ARGUMENT without an address, PERMISSION_DENIED when there is no such group, NOT_FOUND
 * when it does not have the member.
 */
export function lookupMembership(
  groups: Groups,
  name: string,
  email: string | undefined,
): { readonly name: string } {
  if (email === undefined || email === "") {
    throw badRequest("member_key.id", "member_key.id is required");
  }
  const group = [...groups.values()].find((one) => toGroupName(one.email) === name);
  if (group === undefined) {
    throw denied(name);
  }
  const member = email.toLowerCase();
  if (!group.members.some((address) => address.toLowerCase() === member)) {
    throw googleError("NOT_FOUND", `Error(4003): Cannot find membership of ${email} in ${name}.`);
  }
  return { name: `${name}/memberships/${toSubject(member)}` };
}

/** The resource name of a group, which does not tell its address. */
export function toGroupName(email: string): string {
  return `groups/0${createHash("sha256").update(email.toLowerCase()).digest("hex").slice(0, 14)}`;
}

/** Whether an address belongs to a group, directly or through others; to one that is not there nobody does. */
export function isInGroup(groups: Groups, email: string, member: string): boolean {
  const group = groups.get(email.toLowerCase());
  const search = { groups, member: member.toLowerCase(), seen: new Set<Group>() };
  return group !== undefined && hasMember(search, group);
}

type Search = { readonly groups: Groups; readonly member: string; readonly seen: Set<Group> };

/** Groups may contain each other; each is looked at once. */
function hasMember(search: Search, group: Group): boolean {
  if (search.seen.has(group)) {
    return false;
  }
  search.seen.add(group);
  return group.members.some((address) => {
    const member = address.toLowerCase();
    const inner = search.groups.get(member);
    return member === search.member || (inner !== undefined && hasMember(search, inner));
  });
}

/** A group that is not there is refused like one that may not be seen. */
function denied(name: string): GoogleError {
  const description = `Error(2028): Permission denied for resource ${name} (or it may not exist).`;
  return googleError("PERMISSION_DENIED", description, [
    {
      "@type": "type.googleapis.com/google.rpc.ResourceInfo",
      resourceType: "cloudidentity.googleapis.com/Group",
      resourceName: name,
      owner: "domain:cloudidentity.googleapis.com",
      description,
    },
  ]);
}
