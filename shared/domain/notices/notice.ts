import type { AuditRecord, FactKind } from "../audit-record.ts";
import type { EnvironmentId, PromotionId } from "../ids.ts";
import type { Instant } from "../time.ts";

/** What people can be told of; these words stand in specifications. */
export const NOTICE_KINDS = [
  "started",
  "waiting",
  "approved",
  "done",
  "failed",
  "rolled-back",
  "ended",
  "hold",
  "incident",
  "drift",
  "restore",
  "backup",
  "stuck",
  "break-glass",
  "channel",
] as const;

/** A kind of notice. */
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** One thing that people are told, once in each channel that wants it. */
export type Notice = {
  /** The record's id: the same for whoever tells it, however often. */
  readonly id: string;
  readonly kind: NoticeKind;
  readonly chain: string;
  readonly at: Instant;
  readonly environment: EnvironmentId | null;
  readonly promotion: PromotionId | null;
  /** What it belongs to: notices of one subject are one conversation. A promotion's is its id. */
  readonly subject: string;
  /** What happened, in a sentence without its subject, such as `failed at the step rollout: …`. */
  readonly text: string;
  /** Whether it asks somebody to look, so that it must not pass unseen. */
  readonly isPressing: boolean;
};

/** What a record is told as: of which kind, in which words, and whether somebody should look. */
type Telling = {
  readonly kind: NoticeKind;
  readonly says: (record: AuditRecord) => string;
  readonly isPressing?: true;
};

const TELLINGS: Readonly<Partial<Record<FactKind, Telling>>> = {
  "promotion.waiting": { kind: "waiting", says: because("waits") },
  "promotion.approved": {
    kind: "approved",
    says: ({ by, reason }) => `is approved by ${by}${after(reason)}`,
  },
  "promotion.started": {
    kind: "started",
    says: ({ by, reason }) => `started, asked for by ${by}${after(reason)}`,
  },
  "promotion.succeeded": { kind: "done", says: () => "is done" },
  "promotion.failed": { kind: "failed", says: atStep("failed"), isPressing: true },
  "promotion.cancelled": {
    kind: "ended",
    says: ({ by, reason }) => `was cancelled by ${by}${after(reason)}`,
  },
  "promotion.rejected": {
    kind: "ended",
    says: ({ by, reason }) => `was rejected by ${by}${after(reason)}`,
  },
  "promotion.superseded": { kind: "ended", says: because("gave way") },
  "promotion.rolled-back": {
    kind: "rolled-back",
    says: ({ reason, details }) =>
      `did not prove itself${after(reason)}${details["to"] === undefined ? "" : `; ${details["to"]} comes back`}`,
    isPressing: true,
  },
  "gates.broken": {
    kind: "break-glass",
    says: ({ by, reason, details }) =>
      `${by} BROKE THE GLASS: ${details["gates"] ?? "closed gates"} passed${after(reason)}`,
    isPressing: true,
  },
  "hold.placed": { kind: "hold", says: ({ by, reason }) => `${by} placed a hold${after(reason)}` },
  "hold.lifted": {
    kind: "hold",
    says: ({ by, reason }) => `${by} lifted the hold${after(reason)}`,
  },
  "hold.expired": { kind: "hold", says: because("the hold ended by itself") },
  "hold.reminded": {
    kind: "hold",
    says: ({ reason, details }) =>
      `the hold of ${details["placedBy"] ?? "somebody"} still stands${after(reason)}`,
    isPressing: true,
  },
  "incident.opened": { kind: "incident", says: because("an incident opened"), isPressing: true },
  "incident.closed": { kind: "incident", says: because("the incident is closed") },
  "drift.detected": {
    kind: "drift",
    says: ({ reason, details }) =>
      `something else runs than is recorded: ${details["running"] ?? "unknown"}${after(reason)}`,
    isPressing: true,
  },
  "drift.resolved": { kind: "drift", says: () => "what is recorded runs again" },
  "rollout.foreign": { kind: "drift", says: because("a rollout that no promotion asked for") },
  "restore.started": {
    kind: "restore",
    says: ({ details }) => `brings back the data of ${details["backup"] ?? "a backup"}`,
  },
  "restore.finished": {
    kind: "restore",
    says: ({ details }) =>
      `the data of ${details["backup"] ?? "the backup"} is back${after(details["warning"] ?? null)}`,
  },
  "backup.removed": {
    kind: "backup",
    says: ({ details }) =>
      `backup ${details["backup"] ?? ""} was removed: nobody needs it any more`,
  },
  "service.failed": {
    kind: "stuck",
    says: ({ reason, details }) =>
      `${details["service"] ?? "a service"} cannot be decided on${after(reason)}`,
    isPressing: true,
  },
  "channel.failed": {
    kind: "channel",
    says: ({ reason, details }) =>
      `nobody is told anything by ${details["channel"] ?? "a channel"} since ${details["since"] ?? "a day"}${after(reason)}`,
    isPressing: true,
  },
  "channel.recovered": {
    kind: "channel",
    says: ({ details }) => `${details["channel"] ?? "the channel"} is told again`,
  },
  "service.recovered": {
    kind: "stuck",
    says: ({ details }) => `${details["service"] ?? "the service"} can be decided on again`,
  },
};

/** Whether a record of that kind is ever told; one of a kind that nobody knows is not. */
export function isTold(kind: string): boolean {
  return Object.hasOwn(TELLINGS, kind);
}

/** What people are told of a record; null when it is only for the record. */
export function noticeOf(record: AuditRecord): Notice | null {
  const telling = TELLINGS[record.kind];
  return telling === undefined
    ? null
    : {
        id: record.id,
        kind: telling.kind,
        chain: record.chain,
        at: record.time,
        environment: record.environment,
        promotion: record.promotion,
        subject: subjectOf(record),
        text: telling.says(record),
        isPressing: telling.isPressing === true,
      };
}

/** A hold's notices are one conversation, as are an incident's, those of drift in one place, and of a service. */
function subjectOf({ id, promotion, details, kind, environment }: AuditRecord): string {
  const [about] = kind.split(".");
  const named =
    promotion ??
    details["hold"] ??
    details["incident"] ??
    details["service"] ??
    details["channel"] ??
    null;
  return named ?? (about === "drift" ? `drift ${environment ?? ""}` : id);
}

function because(what: string): Telling["says"] {
  return ({ reason }) => `${what}${after(reason)}`;
}

function atStep(what: string): Telling["says"] {
  return ({ reason, details }) => {
    const step = details["step"] ?? "";
    return `${what}${step === "" ? "" : ` at the step ${step}`}${after(reason)}`;
  };
}

function after(reason: string | null): string {
  return reason === null || reason === "" ? "" : `: ${reason}`;
}
