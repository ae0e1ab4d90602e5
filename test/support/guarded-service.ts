import type { Policy } from "../../shared/domain/policy.ts";
import type { Service } from "../../shared/domain/service.ts";
import { days, duration, minutes } from "../../shared/domain/time.ts";
import type { Duration } from "../../shared/domain/time.ts";
import { aDigest, aPolicy, anEnvironment, aService } from "./builders.ts";
import { memoryJobName } from "./memory-jobs.ts";
import type { MemoryPorts } from "./memory-ports.ts";

/** The plan of Backup for GKE that the guarded environment names. */
export const GUARDED_PLAN = "projects/web-prod-0a1b/locations/us-central1/backupPlans/daily";

/** The databases of the guarded environment. */
export const GUARDED_DATABASES: readonly string[] = ["web-a", "web-b"];

/** A policy that asks for everything there is but an automatic contract. */
export function aGuardedPolicy(maxAge: Duration = duration(0)): Policy {
  return aPolicy({
    soak: minutes(30),
    approvals: { required: 1, from: [], notRequester: true, notAuthor: false },
    windows: {
      timeZone: "Europe/Berlin",
      weekly: [{ days: ["Mon", "Tue", "Wed", "Thu", "Fri"], from: "09:00", to: "17:00" }],
      freezes: [],
    },
    alerts: { block: ["CRITICAL"], warn: ["WARNING"] },
    backup: { cloudSql: true, gkePlan: GUARDED_PLAN, retain: days(30), maxAge },
    migrations: {
      before: { job: "web-migrate" },
      after: { job: "web-contract", start: "manual", reversible: false },
    },
    canary: [50],
    verify: {
      path: "/-/healthz",
      version: "/-/version",
      url: null,
      bake: minutes(10),
      onFailure: "rollback",
    },
  });
}

/** What a changed specification asks for beside all or part of it. */
export const POLICY_VARIANTS = [
  "all",
  "no verify",
  "no bake",
  "no migration",
  "no backup",
  "two approvals",
  "sue alone",
] as const;

/** One of them. */
export type PolicyVariant = (typeof POLICY_VARIANTS)[number];

/** A policy changed so; what another variant took away is asked for again. */
export function variantOf(before: Policy, variant: PolicyVariant): Policy {
  const all = aGuardedPolicy(before.backup?.maxAge ?? duration(0));
  const policy = { ...all, promotion: before.promotion };
  switch (variant) {
    case "all":
      return policy;
    case "no verify":
      return { ...policy, verify: null };
    case "no bake":
      return policy.verify === null
        ? policy
        : { ...policy, verify: { ...policy.verify, bake: duration(0) } };
    case "no migration":
      return { ...policy, migrations: { ...policy.migrations, before: null } };
    case "no backup":
      return { ...policy, backup: null };
    case "two approvals":
      return policy.approvals === null
        ? policy
        : { ...policy, approvals: { ...policy.approvals, required: 2 } };
    case "sue alone":
      return policy.approvals === null
        ? policy
        : { ...policy, approvals: { ...policy.approvals, from: ["user:sue@example.com"] } };
  }
}

/** The service `web` with dev automatic and prod guarded by all that a policy can ask for. */
export function aGuardedService(
  policy: Policy = aGuardedPolicy(),
  parts: Partial<Service> = {},
): Service {
  const prod = anEnvironment("prod", { stage: 1, category: "external", hasDatabase: true, policy });
  return aService({ environments: [anEnvironment("dev"), prod], ...parts });
}

/** Sets up what the guarded service needs outside: databases, a plan, jobs and the canary's phases. */
export function furnish({ world }: MemoryPorts): void {
  const project = "web-prod-0a1b";
  const region = "us-central1";
  world.cloudDeploy.phases.set("web-prod-us-central1", ["canary-50", "stable"]);
  // Something answers in prod from the beginning: a canary has to have something beside it.
  const before = `us-central1-docker.pkg.dev/slipway/apps/web@${aDigest(99)}`;
  world.cloudDeploy.running.set("web-us-central1-rollout/web-prod-us-central1", before);
  world.backups.databases.set(project, GUARDED_DATABASES);
  world.backups.plans.add(GUARDED_PLAN);
  for (const job of ["web-migrate", "web-contract"]) {
    const image = "us-central1-docker.pkg.dev/slipway/apps/web:latest";
    world.jobs.images.set(memoryJobName({ project, region, job }), image);
  }
}
