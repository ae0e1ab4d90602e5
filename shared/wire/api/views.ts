import type { z } from "zod";
import type { AuditRecord } from "../../domain/audit-record.ts";
import { sourceName } from "../../domain/backup.ts";
import type { Backup } from "../../domain/backup.ts";
import { entryOf } from "../../domain/entry-of.ts";
import type { FailedPromotion } from "../../domain/failed-promotion.ts";
import { holdsOn } from "../../domain/hold.ts";
import type { Hold } from "../../domain/hold.ts";
import type { GateReport } from "../../domain/gates/verdict.ts";
import type { Promotion, RestorePoint, Step } from "../../domain/promotion.ts";
import { imageOf, releaseCommit } from "../../domain/release.ts";
import type { Release } from "../../domain/release.ts";
import { isUnderWay } from "../../domain/rollout.ts";
import type { ForeignRollout } from "../../domain/rollout.ts";
import type { Environment } from "../../domain/service.ts";
import { environmentState } from "../../domain/state.ts";
import type { Deployment, EnvironmentState, ServiceState } from "../../domain/state.ts";
import type { TimelineEntry } from "../../domain/timeline.ts";
import type { Instant } from "../../domain/time.ts";
import type { FailedView } from "./environment-parts.ts";
import type * as Schemas from "./schemas.ts";

type View<Schema extends z.ZodType> = z.output<Schema>;

/** An instant as RFC 3339 in UTC. */
export function toTime(instant: Instant): string {
  return new Date(instant).toISOString();
}

/** An instant as RFC 3339 in UTC, where there is one. */
export function toTimeOrNull(instant: Instant | null): string | null {
  return instant === null ? null : toTime(instant);
}

/** A service as the API shows it. */
export function toServiceView(state: ServiceState, now: Instant): View<typeof Schemas.ServiceView> {
  const { id, name, image, environments } = state.service;
  return {
    id,
    name,
    image,
    channels: state.troubled.map((one) => ({ ...one, since: toTime(one.since) })),
    environments: environments.map((environment) => toEnvironmentView(state, environment, now)),
    unreadable: null,
    removeTime: toTimeOrNull(state.removedAt),
  };
}

/** A service of which only the id can be shown, and why. */
export function toUnreadableView(id: string, reason: string): View<typeof Schemas.ServiceView> {
  const nothing = { image: "", environments: [], channels: [] };
  return { id, name: id, ...nothing, unreadable: reason, removeTime: null };
}

function toEnvironmentView(
  state: ServiceState,
  environment: Environment,
  now: Instant,
): View<typeof Schemas.EnvironmentView> {
  const known = environmentState(state, environment.id);
  const { active, waiting, current, drift } = known;
  const failed = entryOf(state.failed, environment.id);
  const { project, location, id } = environment.pipeline;
  const promotion = active ?? waiting[0] ?? null;
  return {
    id: environment.id,
    category: environment.category,
    stage: environment.stage,
    target: environment.target,
    pipeline: `projects/${project}/locations/${location}/deliveryPipelines/${id}`,
    deployType: environment.deploy.kind,
    arrival: environment.policy.promotion,
    current: current === null ? null : toDeploymentView(current),
    failed: failed === undefined ? null : toFailedView(failed),
    promotion: promotion === null ? null : toPromotionView(promotion),
    waiting: waiting.map((parked) => parked.id),
    holds: holdsOn(state, environment.id, now).map(toHoldView),
    ...toIncidentViews(known),
    ...toMigrationViews(known),
    drift: drift === null ? null : { ...drift, since: toTime(drift.since) },
    foreignRollout: toForeignView(known.foreign),
  };
}

function toIncidentViews({
  incidents,
}: EnvironmentState): Pick<
  View<typeof Schemas.EnvironmentView>,
  "incidents" | "incidentsProblem" | "incidentsReadTime"
> {
  const open = incidents.kind === "read" ? incidents.open : [];
  return {
    incidents: open.map(({ id, policy, severity, openedAt }) => ({
      id,
      policy,
      severity,
      since: toTime(openedAt),
    })),
    incidentsProblem: incidents.kind === "unreadable" ? incidents.reason : null,
    incidentsReadTime: incidents.kind === "never" ? null : toTime(incidents.at),
  };
}

function toMigrationViews({
  floor,
  contract,
}: EnvironmentState): Pick<View<typeof Schemas.EnvironmentView>, "rollbackFloor" | "migration"> {
  return {
    rollbackFloor:
      floor === null
        ? null
        : {
            release: floor.release,
            since: toTime(floor.since),
            backups: floor.backups.map(({ id }) => id),
          },
    migration:
      contract === null
        ? null
        : {
            promotion: contract.promotion,
            release: contract.release,
            job: contract.job,
            reversible: contract.reversible,
            state: contract.startedBy === null ? "WAITING" : "RUNNING",
            startedBy: contract.startedBy,
          },
  };
}

function toFailedView({ at, ...failed }: FailedPromotion): z.output<typeof FailedView> {
  return { ...failed, time: toTime(at) };
}

/** What is in an environment, as the API shows it. */
export function toDeploymentView(deployment: Deployment): View<typeof Schemas.DeploymentView> {
  const { release, image, tag, promotion, since } = deployment;
  return { release, image, tag, promotion, deployTime: toTime(since) };
}

/** A promotion as the API shows it. */
export function toPromotionView(promotion: Promotion): View<typeof Schemas.PromotionView> {
  const { id, service, environment, release, kind, state, requestedBy, reason } = promotion;
  return {
    id,
    service,
    environment,
    release,
    kind,
    state,
    requestedBy,
    reason,
    createTime: toTime(promotion.createdAt),
    endTime: toTimeOrNull(promotion.endedAt),
    deadline: toTimeOrNull(promotion.deadline),
    steps: promotion.steps.map(toStepView),
    gates: promotion.gates.map(toGateView),
    approvals: promotion.approvals.map(({ by, at, comment }) => ({
      by,
      time: toTime(at),
      comment,
    })),
    backups: promotion.backups.map(toBackupView),
    restores: promotion.restores.map(toRestorePointView),
    retryOf: promotion.retry?.of ?? null,
  };
}

/** A backup of Slipway's own as the API shows it. */
export function toBackupView(backup: Backup): View<typeof Schemas.BackupView> {
  const { id, source, name, state, release, promotion, message } = backup;
  return {
    id,
    origin: "slipway",
    source: sourceName(source),
    name,
    state,
    release,
    promotion,
    startTime: toTime(backup.startedAt),
    endTime: toTimeOrNull(backup.finishedAt),
    message,
  };
}

function toForeignView(
  foreign: readonly ForeignRollout[],
): View<typeof Schemas.EnvironmentView>["foreignRollout"] {
  const open = foreign.find(isUnderWay);
  return open === undefined
    ? null
    : {
        rollout: open.id,
        release: open.release,
        state: open.state,
        since: toTime(open.since),
      };
}

/** Data that comes back, as the API shows it. */
export function toRestorePointView(point: RestorePoint): View<typeof Schemas.RestorePointView> {
  const { backup, from, into, restore, isDone } = point;
  return { backup, from: sourceName(from), into: sourceName(into), restore, isDone };
}

function toStepView(step: Step): View<typeof Schemas.StepView> {
  return {
    name: step.name,
    state: step.state,
    startTime: toTimeOrNull(step.startedAt),
    endTime: toTimeOrNull(step.endedAt),
    message: step.message,
  };
}

/** A gate's verdict as the API shows it. */
export function toGateView(report: GateReport): View<typeof Schemas.GateView> {
  const { verdict } = report;
  return {
    gate: report.gate,
    verdict: verdict.kind,
    reason: verdict.reason ?? null,
    since: toTime(report.since),
    opensAt: verdict.kind === "CLOSED" ? toTimeOrNull(verdict.opensAt) : null,
  };
}

/** A hold as the API shows it. */
export function toHoldView(hold: Hold): View<typeof Schemas.HoldView> {
  const { scope } = hold;
  return {
    id: hold.id,
    scope: scope.kind,
    service: scope.kind === "all" ? null : scope.service,
    environment: scope.kind === "environment" ? scope.environment : null,
    reason: hold.reason,
    by: hold.by,
    createTime: toTime(hold.createdAt),
    until: toTimeOrNull(hold.until),
  };
}

/** A release as the API shows it. */
export function toReleaseView(release: Release): View<typeof Schemas.ReleaseView> {
  const { id, service, tag, state, createdBy } = release;
  const { bad, tags, otherTags } = release.image;
  const environments = Object.entries(release.succeededIn).map(
    ([environment, since]) => [environment, toTime(since)] as const,
  );
  return {
    id,
    service,
    image: imageOf(release),
    tag,
    tags: tags.map((put) => ({ tag: put.tag, putTime: put.at })),
    otherTags: [...otherTags],
    commit: releaseCommit(release),
    createTime: toTime(release.createdAt),
    createdBy,
    state,
    bad: bad === null ? null : { reason: bad.reason, by: bad.by, time: toTime(bad.at) },
    environments: Object.fromEntries(environments),
  };
}

/** A timeline entry as the API shows it. */
export function toTimelineView(entry: TimelineEntry): View<typeof Schemas.TimelineView> {
  const { release, image, tag, promotion, kind, since } = entry.deployment;
  const { environment } = entry;
  const to = toTimeOrNull(entry.to);
  return { environment, release, image, tag, promotion, kind, from: toTime(since), to };
}

/** An audit record as the API shows it. */
export function toAuditView(record: AuditRecord): View<typeof Schemas.AuditView> {
  const { id, chain, sequence, kind, by, environment, release, promotion, reason } = record;
  const { details, previousHash, hash } = record;
  return {
    id,
    service: chain,
    sequence,
    time: toTime(record.time),
    kind,
    by,
    environment,
    release,
    promotion,
    reason,
    gates: record.verdicts.map(toGateView),
    details,
    previousHash,
    hash,
  };
}
