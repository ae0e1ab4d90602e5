import type { Context, Hono } from "hono";
import type { Clock } from "../kit/clock.ts";
import { type FaultPlan, runWithFaults } from "../kit/faults.ts";
import { googleError } from "../kit/google-error.ts";
import {
  checkTransitiveMembership,
  type Groups,
  lookupGroup,
  lookupMembership,
} from "./operations-groups.ts";

const GROUPS = "google.apps.cloudidentity.groups.v1.GroupsService";
const MEMBERSHIPS = "google.apps.cloudidentity.groups.v1.MembershipsService";

const METHODS = {
  lookupGroupName: `${GROUPS}/LookupGroupName`,
  checkTransitiveMembership: `${MEMBERSHIPS}/CheckTransitiveMembership`,
  lookupMembershipName: `${MEMBERSHIPS}/LookupMembershipName`,
} as const;

/** Adds the part of the Cloud Identity API that says who belongs to which group. */
export function addGroupRoutes(
  app: Hono,
  {
    groups,
    guard,
  }: {
    readonly groups: () => Groups;
    readonly guard: { readonly clock: Clock; readonly faults: FaultPlan };
  },
): void {
  guard.faults.declare(Object.values(METHODS));
  app.get("/v1/groups:lookup", async (c) =>
    runWithFaults({ ...guard, method: METHODS.lookupGroupName }, () =>
      c.json(lookupGroup(groups(), queryOf(c, "groupKey.id", "group_key.id"))),
    ),
  );
  app.get("/v1/groups/:group/memberships:checkTransitiveMembership", async (c) =>
    runWithFaults({ ...guard, method: METHODS.checkTransitiveMembership }, () =>
      c.json(checkTransitiveMembership(groups(), nameOf(c), c.req.query("query"))),
    ),
  );
  app.get("/v1/groups/:group/memberships:lookup", async (c) =>
    runWithFaults({ ...guard, method: METHODS.lookupMembershipName }, () =>
      c.json(lookupMembership(groups(), nameOf(c), queryOf(c, "memberKey.id", "member_key.id"))),
    ),
  );
  app.all("/v1/*", (c) => {
    throw googleError(
      "UNIMPLEMENTED",
      `The emulator does not implement ${c.req.method} ${c.req.path}.`,
    );
  });
}

function nameOf(c: Context): string {
  return `groups/${c.req.param("group") ?? ""}`;
}

/** A parameter in either of the spellings that Google's JSON takes. */
function queryOf(c: Context, camel: string, snake: string): string | undefined {
  return c.req.query(camel) ?? c.req.query(snake);
}
