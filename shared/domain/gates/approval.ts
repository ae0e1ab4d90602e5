import { materialOf, stillHolds } from "../changes/material.ts";
import type { ReleaseId } from "../ids.ts";
import { personOf } from "../principal.ts";
import type { Release } from "../release.ts";
import type { Approval } from "../promotion.ts";
import { environmentState } from "../state.ts";
import type { GateContext } from "./context.ts";
import { nameSome } from "../text.ts";
import { closed, OPEN } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/** How many approvers the gate names; the others are counted. */
const APPROVERS_TOLD_MAX = 5;

/**
 * Open once as many people have approved as the policy asks for. Each person counts once. Whether somebody may
 * approve was judged when they approved.
 */
export function judgeApproval(context: GateContext): Verdict {
  const { environment, release } = context;
  const { approvals } = environment.policy;
  if (approvals === null) {
    return OPEN;
  }
  if (approvals.notAuthor && release.image.authors.length === 0) {
    return closed(
      "the author of the commit is not known, so nobody can approve: build the image with the label org.opencontainers.image.authors",
    );
  }
  const about = { ...context, release: release.id };
  const people = standingApprovals(about).map(({ by }) => personOf(by));
  const count = new Set(people).size;
  const from =
    approvals.from.length === 0 ? "" : ` from ${nameSome(approvals.from, APPROVERS_TOLD_MAX)}`;
  return count >= approvals.required
    ? OPEN
    : closed(`${count} of ${approvals.required} approvals${from}${lapsedText(about)}`);
}

type About = Pick<GateContext, "state" | "environment" | "promotion"> & {
  readonly release: ReleaseId;
};

/** The approvals that count: given under the present rule, and for the changes that would be made now. */
export function standingApprovals(about: About): readonly Approval[] {
  return byRule(about).filter((approval) => isStanding(about, approval));
}

function byRule({ state, environment, promotion }: About): readonly Approval[] {
  const { approvedSince } = environmentState(state, environment.id);
  return promotion.approvals.filter(({ at }) => approvedSince === null || at >= approvedSince);
}

/** An approval of a restore stands whatever runs, because a restore moves data alone. */
function isStanding(about: About, { shown }: Approval): boolean {
  return about.promotion.kind === "restore" || stillHolds(shown, about);
}

/** Says how many approvals were given for other changes than would be made now; empty when none was. */
function lapsedText(about: About): string {
  const lapsed = byRule(about).filter((approval) => !isStanding(about, approval));
  const [first] = lapsed;
  return first === undefined
    ? ""
    : `; ${lapsed.length} lapsed, because the changes are different now: approved was "${first.shown ?? ""}", and now it is "${materialOf(about.state, about.environment)}"`;
}

/** Why somebody who has the right to approve may not approve this promotion; null when they may. */
export function refuseApprover(context: GateContext, by: string): string | null {
  const { approvals } = context.environment.policy;
  if (approvals === null) {
    return `${context.environment.id} needs no approval`;
  }
  if (approvals.notRequester && personOf(by) === personOf(context.promotion.requestedBy)) {
    return `${by} requested this promotion, so somebody else must approve it`;
  }
  if (approvals.notAuthor && isAuthor(context.release, by)) {
    return `${by} wrote the commit, so somebody else must approve it`;
  }
  return null;
}

function isAuthor({ image }: Release, by: string): boolean {
  return image.authors.some((author) => personOf(author) === personOf(by));
}
