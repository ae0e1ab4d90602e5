import { ChannelView } from "./channel-schema.ts";
import { z } from "zod";
import { FailedView, PendingMigrationView, RollbackFloorView } from "./environment-parts.ts";

const time = z.string().meta({ format: "date-time", description: "RFC 3339, UTC" });
const text = z.string();
const empty = z.literal("").or(z.string()).meta({ description: "Empty on the last page" });

/** A gate's verdict on a promotion. */
export const GateView = z
  .object({
    gate: z.string(),
    verdict: z.enum(["OPEN", "CLOSED", "WARNING"]),
    reason: z.string().nullable(),
    since: time.nullable(),
    opensAt: time.nullable().meta({ description: "When it opens by itself, if it does" }),
  })
  .meta({ id: "Gate" });

/** One step of a promotion. */
export const StepView = z
  .object({
    name: z.string(),
    state: z.enum(["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "SKIPPED"]),
    startTime: time.nullable(),
    endTime: time.nullable(),
    message: z.string().nullable(),
  })
  .meta({ id: "Step" });

/** A backup, by whoever keeps it: Slipway's own, or what a service of backups took by itself. */
export const BackupView = z
  .object({
    id: z.string().nullable().meta({ description: "Slipway's id; null for what is not its own" }),
    origin: z.enum(["slipway", "cloud-sql", "gke"]),
    source: z.string(),
    name: z.string().nullable().meta({ description: "Its full name, once its service has one" }),
    state: z.enum(["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "UNRECOGNIZED"]),
    release: z.string().nullable().meta({ description: "What ran when it was taken" }),
    promotion: z.string().nullable().meta({ description: "The promotion that took it" }),
    startTime: time.nullable(),
    endTime: time.nullable(),
    message: z.string().nullable(),
  })
  .meta({ id: "Backup" });

/** Data that comes back. */
export const RestorePointView = z
  .object({
    backup: z.string(),
    from: z.string(),
    into: z.string(),
    restore: z.string().nullable().meta({ description: "The restore's own name, once it has one" }),
    isDone: z.boolean(),
  })
  .meta({ id: "RestorePoint" });

/** Somebody's agreement with a promotion. */
export const ApprovalView = z
  .object({ by: z.string(), time, comment: z.string().nullable() })
  .meta({ id: "Approval" });

/** One release moving into one environment. */
export const PromotionView = z
  .object({
    id: z.string(),
    service: z.string(),
    environment: z.string(),
    release: z.string(),
    kind: z.enum(["automatic", "manual", "scheduled", "rollback", "restore"]),
    state: z.enum([
      "WAITING",
      "RUNNING",
      "SUCCEEDED",
      "FAILED",
      "CANCELLED",
      "REJECTED",
      "SUPERSEDED",
      "ROLLED_BACK",
    ]),
    requestedBy: z.string(),
    reason: z.string().nullable(),
    createTime: time,
    endTime: time.nullable(),
    deadline: time.nullable().meta({ description: "When Slipway gives up waiting or running" }),
    steps: z.array(StepView),
    gates: z.array(GateView),
    approvals: z.array(ApprovalView),
    backups: z.array(BackupView),
    restores: z.array(RestorePointView),
    retryOf: z.string().nullable().meta({ description: "The promotion that it tries again" }),
  })
  .meta({ id: "Promotion" });

/** A stop on promotions. */
export const HoldView = z
  .object({
    id: z.string(),
    scope: z.enum(["all", "service", "environment"]),
    service: z.string().nullable(),
    environment: z.string().nullable(),
    reason: z.string(),
    by: z.string(),
    createTime: time,
    until: time.nullable(),
  })
  .meta({ id: "Hold" });

/** What is in an environment. */
export const DeploymentView = z
  .object({
    release: z.string(),
    image: z.string(),
    tag: z.string().nullable(),
    promotion: z.string(),
    deployTime: time,
  })
  .meta({ id: "Deployment" });

/** An open alert of Cloud Monitoring. */
export const IncidentView = z
  .object({
    id: z.string(),
    policy: z.string(),
    severity: z.enum(["CRITICAL", "ERROR", "WARNING", "UNKNOWN"]),
    since: time,
  })
  .meta({ id: "Incident" });

/** An environment and all that stands in it. */
export const EnvironmentView = z
  .object({
    id: z.string(),
    category: z.enum(["test", "internal", "external"]),
    stage: z.number().int().nullable(),
    target: z.string(),
    pipeline: z.string().meta({ description: "The delivery pipeline's full name" }),
    deployType: z.enum(["rollout", "subscription", "manual"]),
    arrival: z
      .enum(["automatic", "manual"])
      .meta({ description: "Whether a release comes by itself, or when somebody asks for it" }),
    current: DeploymentView.nullable(),
    failed: FailedView.nullable().meta({
      description: "The promotion that failed last, while nothing was deployed since",
    }),
    promotion: PromotionView.nullable().meta({ description: "The one that runs, or waits first" }),
    waiting: z.array(z.string()).meta({ description: "Promotions that wait, by id" }),
    holds: z.array(HoldView),
    incidents: z.array(IncidentView).meta({ description: "The open ones, as last read" }),
    incidentsProblem: z
      .string()
      .nullable()
      .meta({ description: "Why the incidents cannot be read; null if they can" }),
    incidentsReadTime: z
      .string()
      .nullable()
      .meta({ description: "When that was read that is told of them; null: never" }),
    rollbackFloor: RollbackFloorView.nullable(),
    migration: PendingMigrationView.nullable().meta({
      description: "A migration that waits to be started, or runs",
    }),
    drift: z
      .object({
        running: z.string(),
        since: time,
        by: z.string().nullable().meta({ description: "Who brought it, where that is known" }),
      })
      .nullable(),
    foreignRollout: z
      .object({ rollout: z.string(), release: z.string(), state: z.string(), since: time })
      .nullable()
      .meta({ description: "A rollout under way that no promotion asked for" }),
  })
  .meta({ id: "Environment" });

/** A service. */
export const ServiceView = z
  .object({
    id: z.string(),
    name: z.string(),
    image: z.string(),
    environments: z.array(EnvironmentView),
    channels: z.array(ChannelView),
    unreadable: text.nullable().meta({ description: "Why nothing more is shown; null: all is" }),
    removeTime: z
      .string()
      .nullable()
      .meta({ description: "When it was removed; null while it is delivered" }),
  })
  .meta({ id: "Service" });

/** A release. */
export const ReleaseView = z
  .object({
    id: z.string(),
    service: z.string(),
    image: z.string(),
    tag: z.string().nullable(),
    tags: z
      .array(z.object({ tag: z.string(), putTime: z.string() }))
      .meta({ description: "Every tag that was put on the image, the newest first" }),
    otherTags: z
      .array(z.string())
      .meta({ description: "Tags of the image of which no release is made" }),
    commit: z.string().nullable(),
    createTime: time,
    createdBy: z.string(),
    state: z.enum(["CREATED", "SUPERSEDED", "DEPLOYED", "FAILED"]),
    bad: z.object({ reason: z.string(), by: z.string(), time }).nullable(),
    environments: z.record(z.string(), time).meta({ description: "Where it succeeded, and when" }),
  })
  .meta({ id: "Release" });

/** What was where from when to when. */
export const TimelineView = z
  .object({
    environment: z.string(),
    release: z.string(),
    image: z.string(),
    tag: z.string().nullable(),
    promotion: z.string(),
    kind: z.enum(["automatic", "manual", "scheduled", "rollback", "restore"]),
    from: time,
    to: time.nullable(),
  })
  .meta({ id: "TimelineEntry" });

/** One fact of the record. */
export const AuditView = z
  .object({
    id: z.string(),
    service: z.string().meta({ description: "`_slipway` for what concerns no service" }),
    sequence: z.number().int(),
    time,
    kind: z.string(),
    by: z.string(),
    environment: z.string().nullable(),
    release: z.string().nullable(),
    promotion: z.string().nullable(),
    reason: z.string().nullable(),
    gates: z.array(GateView),
    details: z.record(z.string(), z.string()),
    previousHash: z.string(),
    hash: z.string(),
  })
  .meta({ id: "AuditRecord" });

/** Where a chain of records ends, as its service's document says; nulls where that cannot be read. */
export const HeadView = z
  .object({
    chain: z.string().meta({ description: "A service's id, or `_slipway`" }),
    sequence: z.number().int().nullable(),
    hash: z.string().nullable(),
  })
  .meta({ id: "AuditHead" });

/** A page of services. */
export const ServiceList = z.object({
  services: z.array(ServiceView),
  nextPageToken: empty,
  /** The installation's own channels that take no notices; on the first page, for whoever may read all. */
  channels: z.array(ChannelView),
});
/** A page of releases, newest first. */
export const ReleaseList = z.object({ releases: z.array(ReleaseView), nextPageToken: empty });
/** A page of promotions, newest first. */
export const PromotionList = z.object({ promotions: z.array(PromotionView), nextPageToken: empty });
/** The holds in force. */
export const HoldList = z.object({ holds: z.array(HoldView), nextPageToken: empty });
/** A page of the timeline, newest first. */
export const TimelineList = z.object({ entries: z.array(TimelineView), nextPageToken: empty });
/** A page of the record, in order. */
export const AuditList = z.object({ records: z.array(AuditView), nextPageToken: empty });

/** A page of heads, by service. */
export const HeadList = z.object({ heads: z.array(HeadView), nextPageToken: empty });

/** What a hold would stop. */
export const HoldPreview = z.object({ blocks: z.array(PromotionView) });

/** Every error's body: a google.rpc.Status as Google's APIs write it. */
export const ErrorBody = z
  .object({
    error: z.object({
      code: z.number().int(),
      message: z.string(),
      status: z.string(),
      details: z.array(z.record(z.string(), z.unknown())),
    }),
  })
  .meta({ id: "Error" });
