import { z } from "zod";

import { NEW_CONTROL, NEW_QUOTA } from "../../domain/control.ts";
import type { ControlState, Quota } from "../../domain/control.ts";
import type { FailedPromotion } from "../../domain/failed-promotion.ts";
import type { Hold } from "../../domain/hold.ts";
import { ROLLOUT_STATES } from "../../domain/rollout.ts";
import type { ForeignRollout } from "../../domain/rollout.ts";
import type { EnvironmentState, IgnoredImage, ServiceState } from "../../domain/state.ts";
import { NEW_BOOK } from "../../domain/numbers/book.ts";
import type { TroubledChannel } from "../../domain/notices/troubled.ts";
import { exactly } from "../exactly.ts";
import { BackupValue, ExecutionValue, IncidentReadingValue } from "./data.ts";
import { EffectValue } from "./effect.ts";
import { DueValue, NumbersValue } from "./numbers.ts";
import { DeploymentValue, PromotionValue, ReleaseValue } from "./history.ts";
import { ServiceValue } from "./service.ts";
import {
  DurationValue,
  EnvironmentIdValue,
  HoldIdValue,
  InstantValue,
  list,
  PromotionIdValue,
  ReleaseIdValue,
  ServiceIdValue,
  SpecRevisionValue,
} from "./words.ts";

const HoldValue = exactly<Hold>()(
  z.object({
    id: HoldIdValue,
    scope: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("all") }),
      z.object({ kind: z.literal("service"), service: ServiceIdValue }),
      z.object({
        kind: z.literal("environment"),
        service: ServiceIdValue,
        environment: EnvironmentIdValue,
      }),
    ]),
    reason: z.string(),
    by: z.string(),
    asOncall: z.boolean().default(false),
    createdAt: InstantValue,
    until: InstantValue.nullable(),
  }),
);

const ForeignRolloutValue = exactly<ForeignRollout>()(
  z.object({
    id: z.string(),
    release: z.string(),
    state: z.enum([...ROLLOUT_STATES, "UNRECOGNIZED"]),
    description: z.string(),
    since: InstantValue,
  }),
);

const EnvironmentStateValue = exactly<EnvironmentState>()(
  z.object({
    promotionCount: z.number(),
    active: PromotionValue.nullable(),
    waiting: list(PromotionValue),
    current: DeploymentValue.nullable(),
    healthy: list(DeploymentValue),
    drift: z
      .object({
        running: z.string(),
        since: InstantValue,
        by: z.string().nullable().default(null),
      })
      .nullable(),
    foreign: list(ForeignRolloutValue).default([]),
    incidents: IncidentReadingValue,
    floor: z
      .object({
        release: ReleaseIdValue,
        order: z.string(),
        since: InstantValue,
        backups: list(BackupValue),
      })
      .nullable(),
    contract: z
      .object({
        promotion: PromotionIdValue,
        release: ReleaseIdValue,
        job: z.string(),
        reversible: z.boolean(),
        execution: ExecutionValue.nullable(),
        startedBy: z.string().nullable(),
      })
      .nullable(),
    approvedSince: InstantValue.nullable().default(null),
    restoredAt: InstantValue.nullable().default(null),
    backups: list(BackupValue),
    paces: z.record(z.string(), list(DurationValue)).default({}),
  }),
);

const IgnoredValue = exactly<IgnoredImage>()(
  z.object({
    digest: z.string(),
    tag: z.string().nullable(),
    reason: z.string(),
    at: InstantValue,
  }),
);

const TroubledValue = exactly<TroubledChannel>()(
  z.object({ channel: z.string(), since: InstantValue, reason: z.string() }),
);

const FailedValue = exactly<FailedPromotion>()(
  z.object({
    promotion: PromotionIdValue,
    release: ReleaseIdValue,
    tag: z.string().nullable(),
    at: InstantValue,
    reason: z.string(),
  }),
);

/** Holds on everything, what the calendar says, and what is known of other images are not kept here. */
const ServiceStateValue = exactly<Omit<ServiceState, "globalHolds" | "windows" | "images">>()(
  z.object({
    service: ServiceValue,
    appliedAt: InstantValue.nullable(),
    // Documents of before these were kept have none.
    specs: list(z.object({ revision: SpecRevisionValue, place: z.number() })).default([]),
    environments: z.record(z.string(), EnvironmentStateValue),
    // Documents of before it was kept have none.
    failed: z.record(z.string(), FailedValue).default({}),
    releases: z.record(z.string(), ReleaseValue),
    newest: ReleaseIdValue.nullable(),
    holds: list(HoldValue),
    removedAt: InstantValue.nullable().default(null),
    lookedUpTo: z.string().nullable().default(null),
    ignored: list(IgnoredValue),
    // Documents of before it was kept have none.
    troubled: list(TroubledValue).default([]),
  }),
);

const PendingValue = z.object({
  effect: EffectValue,
  attempts: z.number(),
  notBefore: InstantValue,
});

const ChainValue = z.object({
  head: z.object({ sequence: z.number(), hash: z.string() }),
  published: z.number(),
});

const LeaseValue = z.object({ holder: z.string(), until: InstantValue }).nullable();

/** Everything about one service but the holds on everything. */
export const ServiceAggregateValue = z.object({
  state: ServiceStateValue,
  outbox: list(PendingValue),
  chain: ChainValue,
  lease: LeaseValue,
  // Documents of before it was kept begin to count.
  numbers: NumbersValue.default(NEW_BOOK),
  // Of documents of before there were sums, all that is counted is due.
  due: DueValue.optional(),
});

const QuotaValue = exactly<Quota>()(
  z.object({ since: InstantValue, told: z.number(), leftOut: z.number() }),
);

const ControlStateValue = exactly<ControlState>()(
  z.object({
    holds: list(HoldValue),
    ignored: list(z.string()),
    // Documents of before these were kept have none.
    refused: QuotaValue.default(NEW_QUOTA),
    unowned: QuotaValue.default(NEW_QUOTA),
    failing: list(z.object({ service: ServiceIdValue, reasons: list(z.string()) })).default([]),
    troubled: list(TroubledValue).default([]),
    resume: z
      .object({ minute: z.string(), hour: z.string(), day: z.string() })
      .default(NEW_CONTROL.resume),
  }),
);

/** Everything that concerns no single service. */
export const ControlAggregateValue = z.object({
  state: ControlStateValue,
  chain: ChainValue,
  lease: LeaseValue,
});
