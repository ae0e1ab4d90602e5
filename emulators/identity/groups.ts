import { createHash } from "node:crypto";
import { z } from "zod";
import { anybodyKnown } from "../kit/access/rules.ts";
import { googleError, type GoogleError } from "../kit/google-error.ts";
import { type RestMethod, taking } from "../kit/rest-table.ts";
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

const GROUPS = "google.apps.cloudidentity.groups.v1.GroupsService";
const MEMBERSHIPS = "google.apps.cloudidentity.groups.v1.MembershipsService";

const Key = z.strictObject({ id: z.string().min(1) });

/**
 * The part of the Cloud Identity API that says who belongs to which group.
 * Sources: https://cloud.google.com/identity/docs/reference/rest/v1/groups/lookup and
 * https://cloud.google.com/identity/docs/reference/rest/v1/groups.memberships
 */
export function groupMethods(groups: () => Groups): readonly RestMethod[] {
  return [
    {
      name: `${GROUPS}/LookupGroupName`,
      at: ["GET", "/v1/groups:lookup"],
      needs: anybodyKnown,
      takes: taking(z.strictObject({ groupKey: Key }), ({ groupKey }) => {
        const name = toGroupName(groupKey.id);
        groupNamed(groups(), name);
        return { name };
      }),
    },
    {
      name: `${MEMBERSHIPS}/CheckTransitiveMembership`,
      at: ["GET", "/v1/{parent=groups/*}/memberships:checkTransitiveMembership"],
      needs: anybodyKnown,
      takes: taking(
        z.strictObject({
          parent: z.string(),
          query: z
            .string()
            .regex(MEMBER_QUERY, "query must have the form member_key_id == 'address'"),
        }),
        ({ parent, query }) => {
          const { email } = groupNamed(groups(), parent);
          const member = MEMBER_QUERY.exec(query)?.[2] ?? "";
          return isInGroup(groups(), email, member) ? { hasMembership: true } : {};
        },
      ),
    },
    {
      // The membership that the group itself has of a member.
      name: `${MEMBERSHIPS}/LookupMembershipName`,
      at: ["GET", "/v1/{parent=groups/*}/memberships:lookup"],
      needs: anybodyKnown,
      takes: taking(
        z.strictObject({ parent: z.string(), memberKey: Key }),
        ({ parent, memberKey: { id } }) => {
          const { members } = groupNamed(groups(), parent);
          if (!members.some((address) => address.toLowerCase() === id.toLowerCase())) {
            const message = `Error(4003): Cannot find membership of ${id} in ${parent}.`;
            throw googleError("NOT_FOUND", message);
          }
          return { name: `${parent}/memberships/${toSubject(id)}` };
        },
      ),
    },
  ];
}

/** @throws GoogleError PERMISSION_DENIED when there is no such group */
function groupNamed(groups: Groups, name: string): Group {
  const found = [...groups.values()].find(({ email }) => toGroupName(email) === name);
  if (found === undefined) {
    throw denied(name);
  }
  return found;
}

/** The resource name of a group, which does not tell its address. */
function toGroupName(email: string): string {
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
