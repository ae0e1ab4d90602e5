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

/** How many of those who may approve a gate names; the others are counted. */
const APPROVERS_TOLD_MAX = 5;

/**
 * Open once as many people have approved as the policy asks for. Whether somebody may approve was
 * judged when they did; each counts once.
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

/** The approvals that were given by the rule that holds now, for what would change now. */
export function standingApprovals(about: About): readonly Approval[] {
  return byRule(about).filter((approval) => isStanding(about, approval));
}

function byRule({ state, environment, promotion }: About): readonly Approval[] {
  const { approvedSince } = environmentState(state, environment.id);
  return promotion.approvals.filter(({ at }) => approvedSince === null || at >= approvedSince);
}

/** A restore moves data, whatever runs. */
function isStanding(about: About, { shown }: Approval): boolean {
  return about.promotion.kind === "restore" || stillHolds(shown, about);
}

/** What is said of approvals that were given for something else than what would change now. */
function lapsedText(about: About): string {
  const lapsed = byRule(about).filter((approval) => !isStanding(about, approval));
  const [first] = lapsed;
  return first === undefined
    ? ""
    : `; ${lapsed.length} lapsed, because what changes is not what was shown: it was ${first.shown ?? ""}, and is ${materialOf(about.state, about.environment)}`;
}

/** Why somebody may not approve a promotion, though they hold the right to; null when they may. */
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
