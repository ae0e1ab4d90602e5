import type { Backup } from "../../shared/domain/backup.ts";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import { environmentId } from "../../shared/domain/ids.ts";
import type { Incident } from "../../shared/domain/incident.ts";
import type { ExecutionState } from "../../shared/domain/job.ts";
import type { Policy } from "../../shared/domain/policy.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import { aPolicy, anEnvironment, aService } from "./builders.ts";
import { asked, deployed, found, given, when, within } from "./decider.ts";
import type { Story } from "./decider.ts";
import { present } from "./present.ts";

/** A service with release 1 in dev, and prod under a policy. */
export function withPolicy(policy: Partial<Policy>): Story {
  const prod = anEnvironment("prod", { stage: 1, policy: aPolicy(policy) });
  const service = aService({ environments: [anEnvironment("dev"), prod] });
  return deployed(when(given(service), found(1)), "dev");
}

/** The story after a release was found, deployed to dev and asked for in prod. */
export function nextToProd(story: Story, number: number): Story {
  return when(deployed(when(story, found(number)), "dev"), asked("prod"));
}

/** The promotion in prod that runs, or else the first that waits. @throws Error when there is none. */
export function inProd(story: Story): Promotion {
  const { active, waiting } = within(story, "prod");
  return present(active ?? waiting[0], "a promotion in prod");
}

/** The databases of prod were found. */
export function databases(story: Story, ...instances: readonly string[]): ServiceEvent {
  return {
    kind: "databases-found",
    promotion: inProd(story).id,
    project: "web-prod-0a1b",
    instances,
  };
}

/** A backup was seen as it ended, or as it runs. */
export function backupSeen(story: Story, backup: Backup, state: Backup["state"]): ServiceEvent {
  const isOver = state === "SUCCEEDED" || state === "FAILED";
  return {
    kind: "backup-observed",
    promotion: backup.promotion,
    backup: backup.id,
    name: `backups/${backup.id}`,
    state,
    finishedAt: isOver ? story.now : null,
    message: state === "FAILED" ? "the disk is full" : null,
  };
}

/** The story after all of a promotion's backups have finished well. */
export function backedUp(story: Story): Story {
  let next = story;
  for (const backup of inProd(story).backups) {
    next = when(next, backupSeen(next, backup, "SUCCEEDED"));
  }
  return next;
}

/** The migration's execution was seen. */
export function executed(story: Story, state: ExecutionState, name = "run-1"): ServiceEvent {
  const execution = { name, state, message: state === "FAILED" ? "a column is missing" : null };
  return { kind: "execution-observed", promotion: inProd(story).id, execution };
}

/** The running release was asked how it is. */
export function probed(story: Story, isHealthy: boolean, version: string | null): ServiceEvent {
  const detail = isHealthy ? "healthy" : "healthz answered 500";
  return {
    kind: "probe-observed",
    promotion: inProd(story).id,
    probe: { isHealthy, version, isBlocked: false, detail },
    areTagsRead: true,
  };
}

/** The service could not be asked: nobody was let in. */
export function blocked(story: Story): ServiceEvent {
  const detail = "healthz answered 403";
  return {
    kind: "probe-observed",
    promotion: inProd(story).id,
    probe: { isHealthy: false, version: null, isBlocked: true, detail },
    areTagsRead: false,
  };
}

/** The open incidents of prod were read. */
export function incidents(...open: readonly Incident[]): ServiceEvent {
  return { kind: "incidents-observed", environment: environmentId("prod"), open };
}

/** An incident that blocks, opened at a moment. */
export function anIncident(openedAt: Incident["openedAt"]): Incident {
  return { id: "0.incident1", policy: "errors", severity: "CRITICAL", openedAt };
}

/** How the steps of a promotion stand, as `name STATE`. */
export function stepsOf({ steps }: Promotion): readonly string[] {
  return steps.map(({ name, state }) => `${name} ${state}`);
}

/** The kinds of the effects that a story asked for after another, but for bringing releases to Cloud Deploy. */
export function effectsSince(before: Story, story: Story): readonly string[] {
  return story.effects
    .slice(before.effects.length)
    .map(({ kind }) => kind)
    .filter((kind) => kind !== "create-release");
}
