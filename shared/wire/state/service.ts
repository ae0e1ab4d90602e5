import { z } from "zod";

import type { Policy } from "../../domain/policy.ts";
import { NO_TRUST } from "../../domain/provenance.ts";
import type { ProvenanceTrust } from "../../domain/provenance.ts";
import type { Environment, PipelineRef, Service } from "../../domain/service.ts";
import { exactly } from "../exactly.ts";
import { NotifyRuleValue } from "./notify-rule.ts";
import {
  DurationValue,
  EnvironmentIdValue,
  list,
  PrincipalValue,
  ServiceIdValue,
  SpecRevisionValue,
} from "./words.ts";

const SeverityValue = z.enum(["CRITICAL", "ERROR", "WARNING"]);
const WeekdayValue = z.enum(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]);

const ApprovalValue = z.object({
  required: z.number(),
  from: list(PrincipalValue),
  notRequester: z.boolean(),
  notAuthor: z.boolean(),
});

const WindowValue = z.object({
  timeZone: z.string(),
  weekly: list(z.object({ days: list(WeekdayValue), from: z.string(), to: z.string() })),
  freezes: list(z.object({ from: z.string(), to: z.string(), reason: z.string() })),
});

const BackupValue = z.object({
  cloudSql: z.boolean(),
  gkePlan: z.string().nullable(),
  retain: DurationValue,
  maxAge: DurationValue,
});

const MigrationsValue = z.object({
  before: z.object({ job: z.string() }).nullable(),
  after: z
    .object({ job: z.string(), start: z.enum(["automatic", "manual"]), reversible: z.boolean() })
    .nullable(),
});

const VerifyValue = z.object({
  path: z.string(),
  version: z.string(),
  url: z.string().nullable().default(null),
  bake: DurationValue,
  onFailure: z.enum(["rollback", "fail"]),
});

const AccessValue = z.object({
  promote: list(PrincipalValue),
  approve: list(PrincipalValue),
  breakGlass: list(PrincipalValue),
});

/** Whose word on an image counts. */
export const TrustValue = exactly<ProvenanceTrust>()(
  z.object({
    id: z.string(),
    keys: list(z.string()),
    identities: list(z.object({ issuer: z.string(), subject: z.string(), isPattern: z.boolean() })),
    builders: list(z.string()),
    source: z.string().nullable(),
  }),
);

const PolicyValue = exactly<Policy>()(
  z.object({
    promotion: z.enum(["automatic", "manual"]),
    soak: DurationValue,
    approvals: ApprovalValue.nullable(),
    windows: WindowValue.nullable(),
    alerts: z.object({ block: list(SeverityValue), warn: list(SeverityValue) }),
    backup: BackupValue.nullable(),
    migrations: MigrationsValue,
    canary: list(z.number()),
    verify: VerifyValue.nullable(),
    access: AccessValue,
    provenance: z.object({
      required: z.boolean(),
      grace: DurationValue,
      trust: TrustValue.default(NO_TRUST),
    }),
  }),
);

/** A delivery pipeline. */
export const PipelineValue = exactly<PipelineRef>()(
  z.object({ project: z.string(), location: z.string(), id: z.string() }),
);

/** One environment with its policy. */
export const EnvironmentValue = exactly<Environment>()(
  z.object({
    id: EnvironmentIdValue,
    category: z.enum(["test", "internal", "external"]),
    project: z.string(),
    region: z.string(),
    stage: z.number().nullable(),
    deploy: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("rollout") }),
      z.object({ kind: z.literal("subscription"), tag: z.string() }),
      z.object({ kind: z.literal("manual"), tag: z.string() }),
    ]),
    pipeline: PipelineValue,
    target: z.string(),
    runService: z.string(),
    domain: z.string().nullable().default(null),
    hasDatabase: z.boolean(),
    policy: PolicyValue,
  }),
);

/** A service with its environments and their policies. */
export const ServiceValue = exactly<Service>()(
  z.object({
    id: ServiceIdValue,
    name: z.string(),
    kind: z.enum(["service", "job"]),
    manages: z.enum(["service", "image"]).default("service"),
    owners: list(z.string()),
    image: z.string(),
    source: z.object({ repo: z.string(), dir: z.string().nullable() }).nullable().default(null),
    revision: SpecRevisionValue,
    fingerprint: z.string(),
    sourceUri: z.string(),
    releaser: PrincipalValue.nullable(),
    tags: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("any") }),
      z.object({ kind: z.literal("pattern"), pattern: z.string() }),
      z.object({ kind: z.literal("semver"), range: z.string() }),
    ]),
    order: z.enum(["pushed", "semver", "build"]).default("pushed"),
    queue: z.enum(["latest", "all"]),
    sharesWith: list(z.string()).default([]),
    notify: list(NotifyRuleValue).nullable().default(null),
    environments: list(EnvironmentValue),
  }),
);
