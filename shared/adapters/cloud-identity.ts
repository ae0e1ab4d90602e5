import type { GoogleAuth } from "google-auth-library";
import { z } from "zod";

import type { Clock } from "../ports/clock.ts";
import type { Directory } from "../ports/directory.ts";
import { HttpFailure, statusOf } from "./google-errors.ts";
import { lazily } from "./grpc-endpoint.ts";
import { callOutside, PROMPT_LIMITS } from "./outside-call.ts";

/** How long an answer is believed: somebody who leaves a group has its rights for at most so long. */
export const MEMBERSHIP_FRESH_MS = 60_000;

/** How many answers are kept; the oldest go first. */
export const MEMBERSHIPS_KEPT_MAX = 1000;

const GOOGLE = "https://cloudidentity.googleapis.com";
const SCOPE = "https://www.googleapis.com/auth/cloud-identity.groups.readonly";

/** Where Cloud Identity is (`http://HOST:PORT` without credentials, or null for Google's), and the time. */
export type CloudIdentityOptions = { readonly endpoint: string | null; readonly clock: Clock };

const Lookup = z.object({ name: z.string().min(1) });
const Membership = z.object({ hasMembership: z.boolean().optional() });
const Failure = z.object({ error: z.object({ status: z.string(), message: z.string() }) });

/** An address that can stand in a query between quotes; no account of Google's has another. */
const QUOTABLE = /^[^"\\\s]+$/;

type Answer = { readonly isMember: boolean; readonly untilMs: number };

/**
 * Group memberships by Cloud Identity. Its search through groups within groups is not part of every
 * edition of Cloud Identity.
 * Source: https://cloud.google.com/identity/docs/reference/rest/v1/groups.memberships/checkTransitiveMembership
 */
export function cloudIdentity(options: CloudIdentityOptions): Directory {
  const { clock, endpoint } = options;
  const answers = new Map<string, Answer>();
  const get = getter(endpoint);
  return {
    isMember: async (group, email) => {
      const key = `${group} ${email}`;
      const kept = answers.get(key);
      if (kept !== undefined && clock.now() < kept.untilMs) {
        return kept.isMember;
      }
      const isMember = await ask(get, group, email);
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

type Get = (path: string, query: Readonly<Record<string, string>>) => Promise<unknown>;

async function ask(get: Get, group: string, email: string): Promise<boolean> {
  if (!QUOTABLE.test(email)) {
    return false;
  }
  const resource = `group ${group}`;
  const name = await callOutside(resource, () => findGroup(get, group));
  if (name === null) {
    return false;
  }
  const query = `member_key_id == ${email.includes("'") ? `"${email}"` : `'${email}'`}`;
  const path = `/v1/${name}/memberships:checkTransitiveMembership`;
  const answer = await callOutside(resource, async () =>
    Membership.parse(await get(path, { query })),
  );
  return answer.hasMembership === true;
}

/** A group that is not there is refused like one that may not be seen: either way nobody is known to be in it. */
async function findGroup(get: Get, group: string): Promise<string | null> {
  try {
    return Lookup.parse(await get("/v1/groups:lookup", { "groupKey.id": group })).name;
  } catch (error) {
    if (["NOT_FOUND", "PERMISSION_DENIED"].includes(statusOf(error))) {
      return null;
    }
    throw error;
  }
}

function getter(endpoint: string | null): Get {
  const auth = lazily(async (): Promise<GoogleAuth> => {
    const library = await import("google-auth-library");
    return new library.GoogleAuth({ scopes: [SCOPE] });
  });
  return async (path, query) => {
    const url = new URL(`${endpoint ?? GOOGLE}${path}`);
    url.search = new URLSearchParams(query).toString();
    const headers = endpoint === null ? await (await auth()).getRequestHeaders(url.href) : {};
    const signal = AbortSignal.timeout(PROMPT_LIMITS.timeoutMs);
    const response = await fetch(url, { headers, signal });
    const body: unknown = await response.json().catch(() => null);
    if (!response.ok) {
      const failure = Failure.safeParse(body);
      throw new HttpFailure(
        response.status,
        failure.success ? failure.data.error : { status: null, message: response.statusText },
      );
    }
    return body;
  };
}
