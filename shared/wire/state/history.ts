import { z } from "zod";

import { BREAKABLE } from "../../domain/gates/verdict.ts";
import type { GateReport, Verdict } from "../../domain/gates/verdict.ts";
import type { SpecText } from "../../domain/changes/kept-specs.ts";
import type { Image } from "../../domain/image.ts";
import type { Promotion, Retry } from "../../domain/promotion.ts";
import type { ProvenanceReading } from "../../domain/provenance.ts";
import type { Release } from "../../domain/release.ts";
import type { Deployment } from "../../domain/state.ts";
import type { TimelineEntry } from "../../domain/timeline.ts";
import { instant } from "../../domain/time.ts";
import { exactly } from "../exactly.ts";
import { BackupValue, ExecutionValue, RestorePointValue } from "./data.ts";
import {
  DigestValue,
  DurationValue,
  EnvironmentIdValue,
  ImageIdValue,
  InstantValue,
  list,
  PromotionIdValue,
  ReleaseIdValue,
  ServiceIdValue,
  SpecRevisionValue,
} from "./words.ts";

const VerdictValue = exactly<Verdict>()(
  z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("OPEN"), reason: z.string().exactOptional() }),
    z.object({ kind: z.literal("WARNING"), reason: z.string() }),
    z.object({
      kind: z.literal("CLOSED"),
      reason: z.string(),
      opensAt: InstantValue.nullable(),
    }),
  ]),
);

/** Who broke the glass before gates could be chosen broke them all. */
const GlassValue = list(z.enum(BREAKABLE)).default([...BREAKABLE]);

/** A gate's verdict. */
export const GateReportValue = exactly<GateReport>()(
  z.object({
    gate: z.enum([...BREAKABLE, "busy"]),
    verdict: VerdictValue,
    since: InstantValue,
  }),
);

/** What came of verifying an image. Before, only that something lay beside it was known, which is nothing. */
const ProvenanceReadingValue = exactly<ProvenanceReading>()(
  z.object({
    trust: z.string(),
    verdict: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("verified"), by: z.string() }),
      z.object({ kind: z.literal("unverified"), reason: z.string() }),
      z.object({ kind: z.literal("unreadable"), reason: z.string() }),
    ]),
  }),
);

const BadMarkValue = z.object({
  reason: z.string(),
  by: z.string(),
  at: InstantValue,
  asOncall: z.boolean(),
});

/** What is known of one image. */
export const ImageValue = exactly<Image>()(
  z.object({
    id: ImageIdValue,
    digest: DigestValue,
    release: ReleaseIdValue,
    tags: list(z.object({ tag: z.string(), at: z.string(), commit: z.string().nullable() })),
    otherTags: list(z.string()).default([]),
    commit: z.string().nullable(),
    authors: list(z.string()),
    bad: BadMarkValue.nullable(),
    provenance: list(ProvenanceReadingValue).default([]),
  }),
);

/** One release. */
export const ReleaseValue = exactly<Release>()(
  z.object({
    id: ReleaseIdValue,
    service: ServiceIdValue,
    repository: z.string(),
    digest: DigestValue,
    image: ImageValue,
    tag: z.string().nullable(),
    order: z.string(),
    rank: z.string().nullable(),
    revision: SpecRevisionValue,
    sourceUri: z.string(),
    pipelines: list(z.string()),
    createdAt: InstantValue,
    createdBy: z.string(),
    state: z.enum(["CREATED", "SUPERSEDED", "DEPLOYED", "FAILED"]),
    succeededIn: z.record(z.string(), InstantValue),
    soaked: z.record(z.string(), DurationValue).default({}),
  }),
);

const KindValue = z.enum(["automatic", "manual", "scheduled", "rollback", "restore"]);

const StepNameValue = z.enum([
  "gates",
  "approval",
  "backup",
  "migrate",
  "restore",
  "rollout",
  "verify",
  "bake",
  "contract",
]);

const StepValue = z.object({
  name: StepNameValue,
  state: z.enum(["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "SKIPPED"]),
  startedAt: InstantValue.nullable(),
  endedAt: InstantValue.nullable(),
  message: z.string().nullable(),
});

const RetryValue = exactly<Retry>()(
  z.object({
    of: PromotionIdValue,
    done: list(
      z.object({
        name: StepNameValue,
        at: InstantValue,
        by: PromotionIdValue,
        message: z.string().nullable(),
      }),
    ),
  }),
);

/** One promotion with its steps. */
export const PromotionValue = exactly<Promotion>()(
  z.object({
    id: PromotionIdValue,
    service: ServiceIdValue,
    environment: EnvironmentIdValue,
    release: ReleaseIdValue,
    kind: KindValue,
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
    createdAt: InstantValue,
    endedAt: InstantValue.nullable(),
    steps: list(StepValue),
    gates: list(GateReportValue),
    breakGlass: z.object({ by: z.string(), reason: z.string(), gates: GlassValue }).nullable(),
    approvals: list(
      z.object({
        by: z.string(),
        at: InstantValue,
        comment: z.string().nullable(),
        // What was approved before this was kept holds as it was given.
        shown: z.string().nullable().default(null),
      }),
    ),
    backups: list(BackupValue),
    execution: ExecutionValue.nullable(),
    nextPhase: z.string().nullable(),
    advancedTo: z.string().nullable().default(null),
    probeFailures: z.number(),
    isStopping: z.boolean(),
    // Of one from before this was kept Cloud Deploy is told once more, which changes nothing there.
    rolloutApproval: z.enum(["unasked", "awaited", "passed-on"]).default("unasked"),
    restores: list(RestorePointValue),
    retry: RetryValue.nullable().default(null),
    deadline: InstantValue.nullable(),
  }),
);

/** A release in an environment since a moment. */
export const DeploymentValue = exactly<Deployment>()(
  z.object({
    release: ReleaseIdValue,
    promotion: PromotionIdValue,
    image: z.string(),
    tag: z.string().nullable(),
    kind: KindValue,
    since: InstantValue,
    // What was there before this was kept counts as undisturbed since it was proved.
    steadySince: InstantValue.default(instant(0)),
    // Deployments of before this was kept have none.
    backups: list(z.string()).default([]),
  }),
);

/** A text of the specification. */
export const SpecTextValue = exactly<SpecText>()(
  z.object({
    place: z.number(),
    revision: SpecRevisionValue,
    text: z.string().nullable(),
    at: InstantValue,
    by: z.string(),
  }),
);

/** One entry of the timeline. */
export const TimelineEntryValue = exactly<TimelineEntry>()(
  z.object({
    id: PromotionIdValue,
    environment: EnvironmentIdValue,
    deployment: DeploymentValue,
    to: InstantValue.nullable(),
  }),
);
