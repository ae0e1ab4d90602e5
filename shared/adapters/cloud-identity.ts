import { z } from "zod";

import type { Clock } from "../ports/clock.ts";
import type { Directory } from "../ports/directory.ts";
import { statusOf } from "./google-errors.ts";
import { callOutside, nullWhen, nullWhenMissing } from "./outside-call.ts";
import { restClient } from "./rest-client.ts";
import type { RestClient } from "./rest-client.ts";

/** How long an answer is believed: somebody who leaves a group has its rights for at most so long. */
export const MEMBERSHIP_FRESH_MS = 60_000;

/** How many answers are kept; the oldest go first. */
export const MEMBERSHIPS_KEPT_MAX = 1000;

const GOOGLE = "https://cloudidentity.googleapis.com";
const SCOPE = "https://www.googleapis.com/auth/cloud-identity.groups.readonly";

/** How Cloud Identity is asked. */
export type CloudIdentityOptions = {
  /** `http://HOST:PORT` without credentials, or null for Google's. */
  readonly endpoint: string | null;
  readonly clock: Clock;
};

const Lookup = z.object({ name: z.string().min(1) });
const Membership = z.object({ hasMembership: z.boolean().optional() });

/** An address that can stand in a query between quotes; no account of Google's has another. */
const QUOTABLE = /^[^"\\\s]+$/;

type Answer = { readonly isMember: boolean; readonly untilMs: number };

/**
 * Group memberships by Cloud Identity. Its search through groups within groups is refused where the member's edition
 * has none, which may be another one than ours; then only those count whom the group itself has.
 * Sources: https://cloud.google.com/identity/docs/reference/rest/v1/groups.memberships/checkTransitiveMembership and
 * https://cloud.google.com/identity/docs/reference/rest/v1/groups.memberships/lookup
 */
export function cloudIdentity(options: CloudIdentityOptions): Directory {
  const { clock, endpoint } = options;
  const answers = new Map<string, Answer>();
  const call = restClient({ endpoint, service: GOOGLE, scope: SCOPE });
  return {
    isMember: async (group, email) => {
      const key = `${group} ${email}`;
      const kept = answers.get(key);
      if (kept !== undefined && clock.now() < kept.untilMs) {
        return kept.isMember;
      }
      const isMember = await ask(call, group, email);
      answers.delete(key);
      answers.set(key, { isMember, untilMs: clock.now() + MEMBERSHIP_FRESH_MS });
      const [oldest] = answers.keys();
      if (answers.size > MEMBERSHIPS_KEPT_MAX && oldest !== undefined) {
        answers.delete(oldest);
      }
      return isMember;
    },
  };
}

async function ask(call: RestClient, group: string, email: string): Promise<boolean> {
  if (!QUOTABLE.test(email)) {
    return false;
  }
  const resource = `group ${group}`;
  const name = await callOutside(resource, () => findGroup(call, group));
  if (name === null) {
    return false;
  }
  const query = `member_key_id == ${email.includes("'") ? `"${email}"` : `'${email}'`}`;
  const path = `/v1/${name}/memberships:checkTransitiveMembership`;
  const answer = await nullWhen(["PERMISSION_DENIED"], async () =>
    callOutside(resource, async () => Membership.parse(await call({ path, query: { query } }))),
  );
  return answer === null
    ? isDirectMember(call, { resource, name, email })
    : answer.hasMembership === true;
}

/** Whoever is not in the group has no membership to be found; being refused that, too, is no answer. */
async function isDirectMember(
  call: RestClient,
  { resource, name, email }: Readonly<Record<"resource" | "name" | "email", string>>,
): Promise<boolean> {
  const path = `/v1/${name}/memberships:lookup`;
  const found = await nullWhenMissing(async () =>
    callOutside(resource, async () =>
      Lookup.parse(await call({ path, query: { "memberKey.id": email } })),
    ),
  );
  return found !== null;
}

/** A group that is not there is refused like one that may not be seen: either way nobody is known to be in it. */
async function findGroup(call: RestClient, group: string): Promise<string | null> {
  try {
    const query = { "groupKey.id": group };
    return Lookup.parse(await call({ path: "/v1/groups:lookup", query })).name;
  } catch (error) {
    if (["NOT_FOUND", "PERMISSION_DENIED"].includes(statusOf(error))) {
      return null;
    }
    throw error;
  }
}
