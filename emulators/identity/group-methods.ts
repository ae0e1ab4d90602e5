import { z } from "zod";
import { anybodyKnown } from "../kit/access/rules.ts";
import { type RestMethod, taking } from "../kit/rest-table.ts";
import {
  checkTransitiveMembership,
  type Groups,
  lookupGroup,
  lookupMembership,
} from "./operations-groups.ts";

const GROUPS = "google.apps.cloudidentity.groups.v1.GroupsService";
const MEMBERSHIPS = "google.apps.cloudidentity.groups.v1.MembershipsService";

const Key = z
  .strictObject({ id: z.string().optional(), namespace: z.string().optional() })
  .optional();
const LookupGroup = z.strictObject({ groupKey: Key });
const CheckMembership = z.strictObject({ parent: z.string(), query: z.string().optional() });
const LookupMembership = z.strictObject({ parent: z.string(), memberKey: Key });

/** The part of the Cloud Identity API that says who belongs to which group. */
export function groupMethods(groups: () => Groups): readonly RestMethod[] {
  return [
    {
      name: `${GROUPS}/LookupGroupName`,
      at: ["GET", "/v1/groups:lookup"],
      needs: anybodyKnown,
      takes: taking(LookupGroup, ({ groupKey }) => lookupGroup(groups(), groupKey?.id)),
    },
    {
      name: `${MEMBERSHIPS}/CheckTransitiveMembership`,
      at: ["GET", "/v1/{parent=groups/*}/memberships:checkTransitiveMembership"],
      needs: anybodyKnown,
      takes: taking(CheckMembership, ({ parent, query }) =>
        checkTransitiveMembership(groups(), parent, query),
      ),
    },
    {
      name: `${MEMBERSHIPS}/LookupMembershipName`,
      at: ["GET", "/v1/{parent=groups/*}/memberships:lookup"],
      needs: anybodyKnown,
      takes: taking(LookupMembership, ({ parent, memberKey }) =>
        lookupMembership(groups(), parent, memberKey?.id),
      ),
    },
  ];
}
