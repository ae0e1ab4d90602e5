import type { Policy, VerifyPolicy } from "../../shared/domain/policy.ts";
import { instant, minutes } from "../../shared/domain/time.ts";
import { asked, deployed, when, within } from "./decider.ts";
import type { Story } from "./decider.ts";
import { incidents, nextToProd, probed, withPolicy } from "./step-events.ts";

/** A release must report itself, and go on well for ten minutes. */
export const VERIFY: VerifyPolicy = {
  path: "/-/healthz",
  version: "/-/version",
  url: null,
  bake: minutes(10),
  onFailure: "rollback",
};
/** Release 1 runs in prod, proved; release 2 is being rolled out. */
export function rolling(policy: Partial<Policy>): Story {
  const first = deployed(settled(when(withPolicy(policy), asked("prod"))), "prod");
  const proved = policy.verify === undefined || policy.verify === null ? first : prove(first, "v1");
  return settled(nextToProd(proved, 2));
}

function settled(story: Story): Story {
  return when(story, incidents());
}

function prove(story: Story, version: string): Story {
  const verified = when(story, probed(story, true, version));
  const { active } = within(verified, "prod");
  if (active === null) {
    return verified;
  }
  const due = when({ ...verified, now: instant(verified.now + minutes(10)) }, incidents());
  return when(due, probed(due, true, version));
}
