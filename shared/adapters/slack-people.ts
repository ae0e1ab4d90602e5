import type { WebClient } from "@slack/web-api";
import type { Clock } from "../ports/clock.ts";
import { plainForSlack } from "./slack-text.ts";

/** How long it is believed who somebody is in Slack, in milliseconds. */
const PERSON_FRESH_MS = 3_600_000;

/** How many people are remembered; the oldest go first. */
const PEOPLE_KEPT_MAX = 500;

type Known = { readonly name: string; readonly untilMs: number };

/** How somebody is called in a message. Never fails: whom Slack does not know, or does not tell now, is called by the address. */
export type Naming = (client: WebClient, principal: string) => Promise<string>;

/**
 * Names people so that Slack tells them.
 * Source: https://docs.slack.dev/reference/methods/users.lookupByEmail
 */
export function slackNaming(clock: Clock): Naming {
  const known = new Map<string, Known>();
  return async (client, principal) => {
    const kept = known.get(principal);
    if (kept !== undefined && clock.now() < kept.untilMs) {
      return kept.name;
    }
    const name = await lookUp(client, principal);
    known.delete(principal);
    known.set(principal, { name, untilMs: clock.now() + PERSON_FRESH_MS });
    const [oldest] = known.keys();
    if (known.size > PEOPLE_KEPT_MAX && oldest !== undefined) {
      known.delete(oldest);
    }
    return name;
  };
}

async function lookUp(client: WebClient, principal: string): Promise<string> {
  const address = /^user:(?<email>\S+)$/.exec(principal)?.groups?.["email"];
  const plain = plainForSlack(address ?? principal);
  if (address === undefined) {
    return plain;
  }
  try {
    const { user } = await client.users.lookupByEmail({ email: address });
    return user?.id === undefined ? plain : `<@${user.id}>`;
  } catch {
    // A name is not worth a notice: an address tells as well who is meant.
    return plain;
  }
}
