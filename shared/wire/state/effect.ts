import { z } from "zod";
import type { Effect } from "../../domain/effect.ts";
import { NO_TRUST } from "../../domain/provenance.ts";
import { exactly } from "../exactly.ts";
import { BackupSourceValue, BackupValue, RestorePointValue } from "./data.ts";
import { ReleaseValue } from "./history.ts";
import { EnvironmentValue, PipelineValue, TrustValue } from "./service.ts";
import {
  DigestValue,
  EnvironmentIdValue,
  InstantValue,
  PromotionIdValue,
  ReleaseIdValue,
} from "./words.ts";

const promotion = PromotionIdValue;

const ofRollout = {
  promotion,
  pipeline: PipelineValue,
  key: z.object({ rollout: PromotionIdValue, release: ReleaseIdValue }),
};

const Acts = [
  z.object({
    kind: z.literal("create-release"),
    promotion,
    pipeline: PipelineValue,
    release: ReleaseValue,
  }),
  z.object({
    kind: z.literal("create-rollout"),
    ...ofRollout,
    target: z.string(),
    description: z.string(),
    startingPhase: z.string().nullable(),
  }),
  z.object({ kind: z.literal("advance-rollout"), ...ofRollout, phase: z.string() }),
  z.object({ kind: z.literal("approve-rollout"), ...ofRollout }),
  z.object({ kind: z.literal("cancel-rollout"), ...ofRollout }),
  z.object({
    kind: z.literal("take-backup"),
    promotion,
    backup: BackupValue,
    image: z.string().nullable().default(null),
  }),
  z.object({
    kind: z.literal("remove-backup"),
    promotion,
    backup: z.string(),
    source: BackupSourceValue,
    name: z.string(),
  }),
  z.object({
    kind: z.literal("run-job"),
    promotion,
    job: z.object({ project: z.string(), region: z.string(), job: z.string() }),
    mark: z.string(),
    image: z.string(),
  }),
  z.object({
    kind: z.literal("restore-backup"),
    promotion,
    point: RestorePointValue,
    mark: z.string(),
    since: InstantValue,
  }),
] as const;

const Looks = [
  z.object({ kind: z.literal("find-databases"), promotion, project: z.string() }),
  z.object({
    kind: z.literal("read-incidents"),
    promotion,
    environment: EnvironmentIdValue,
    project: z.string(),
  }),
  z.object({
    kind: z.literal("read-provenance"),
    promotion,
    release: ReleaseIdValue,
    repository: z.string(),
    digest: DigestValue,
    trust: TrustValue.default(NO_TRUST),
  }),
  z.object({
    kind: z.literal("probe"),
    promotion,
    environment: EnvironmentValue,
    times: z.number(),
  }),
] as const;

/** Something to do or to look at. */
export const EffectValue = exactly<Effect>()(z.discriminatedUnion("kind", [...Acts, ...Looks]));
