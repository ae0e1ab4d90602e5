import { days, duration, minutes } from "../../domain/time.ts";
import type { Duration } from "../../domain/time.ts";
import type {
  ApprovalPolicy,
  BackupPolicy,
  Policy,
  ProvenancePolicy,
  Severity,
  WindowPolicy,
} from "../../domain/policy.ts";
import type { Category, DeployType } from "../../domain/service.ts";
import { contentHash } from "./content-hash.ts";
import type { ServiceSpec } from "./schema.ts";

type Delivery = ServiceSpec["delivery"]["environments"][string];

/** What an environment is, as far as its defaults follow from it. */
export type PolicyGround = {
  readonly category: Category;
  readonly deploy: DeployType["kind"];
  /** Place in the rollout order from 0; null outside it. */
  readonly stage: number | null;
  readonly hasDatabase: boolean;
};

/** What a category asks for where `delivery` says nothing. */
type Defaults = {
  readonly soak: Duration;
  readonly approvals: ApprovalPolicy | null;
  readonly block: readonly Severity[];
  readonly warn: readonly Severity[];
  readonly backsUp: boolean;
};

const NONE = duration(0);
const TRUST_ID_DIGITS = 16;
const BACKUP_RETAIN = days(90);
const SOAK_EXTERNAL = minutes(30);

const DEFAULTS: Readonly<Record<Category, Defaults>> = {
  test: { soak: NONE, approvals: null, block: [], warn: [], backsUp: false },
  internal: {
    soak: NONE,
    approvals: null,
    block: ["CRITICAL", "ERROR"],
    warn: ["WARNING"],
    backsUp: true,
  },
  external: {
    soak: SOAK_EXTERNAL,
    approvals: { required: 1, from: [], notRequester: true, notAuthor: false },
    block: ["CRITICAL", "ERROR"],
    warn: ["WARNING"],
    backsUp: true,
  },
};

/** What `delivery` says of an environment that it does not name. */
const NOTHING: Delivery = {
  canary: [],
  access: { promote: [], approve: [], breakGlass: [] },
  provenance: { required: false, grace: NONE, keys: [], identities: [], builders: [] },
};

/**
 * The policy of an environment: what `delivery` says of it, and its category's defaults for what it leaves out.
 * `written` is undefined when `delivery` does not name the environment.
 */
export function toPolicy(ground: PolicyGround, written: Delivery | undefined): Policy {
  const delivery = written ?? NOTHING;
  const defaults = DEFAULTS[ground.category];
  return {
    promotion: delivery.promotion ?? (comesByItself(ground) ? "automatic" : "manual"),
    soak: toSoak(ground, delivery.soak ?? defaults.soak),
    approvals: toApprovals(delivery.approvals ?? defaults.approvals),
    windows: toWindows(delivery),
    alerts: toAlerts(delivery, defaults),
    backup: toBackup(ground, delivery.backup ?? null, defaults),
    migrations: toMigrations(delivery),
    canary: delivery.canary,
    verify: toVerify(delivery),
    access: delivery.access,
    provenance: toProvenance(delivery.provenance),
  };
}

function toProvenance({ required, grace, ...named }: Delivery["provenance"]): ProvenancePolicy {
  const { keys, builders, source = null } = named;
  const identities = named.identities.map(({ issuer, subject, subjectPattern }) => ({
    issuer,
    subject: subject ?? subjectPattern ?? "",
    isPattern: subject === undefined,
  }));
  const trust = { keys, identities, builders, source };
  const id = contentHash(trust).slice(0, TRUST_ID_DIGITS);
  return { required, grace, trust: { id, ...trust } };
}

function comesByItself({ stage, deploy }: PolicyGround): boolean {
  return stage === 0 || deploy === "subscription";
}

/** A soak is in the stage before: where there is none, there is nothing to wait for. */
function toSoak({ stage }: PolicyGround, soak: Duration): Duration {
  return (stage ?? 0) === 0 ? NONE : soak;
}

function toApprovals(approvals: ApprovalPolicy | null): ApprovalPolicy | null {
  return approvals?.required === 0 ? null : approvals;
}

function toWindows({ windows }: Delivery): WindowPolicy | null {
  return windows === undefined ? null : { ...windows, weekly: windows.weekly ?? [] };
}

function toMigrations({ migrations }: Delivery): Policy["migrations"] {
  return { before: migrations?.before ?? null, after: migrations?.after ?? null };
}

function toVerify({ verify }: Delivery): Policy["verify"] {
  return verify === undefined ? null : { ...verify, url: verify.url ?? null };
}

/** A severity that blocks is not also a warning, though the category would have it so. */
function toAlerts({ alerts }: Delivery, defaults: Defaults): Policy["alerts"] {
  const block = alerts?.block ?? defaults.block;
  const warn = alerts?.warn ?? defaults.warn;
  return { block, warn: warn.filter((severity) => !block.includes(severity)) };
}

function toBackup(
  { hasDatabase }: PolicyGround,
  written: Delivery["backup"] | null,
  defaults: Defaults,
): BackupPolicy | null {
  const { cloudSQL, gke = null, retain = BACKUP_RETAIN, maxAge = NONE } = written ?? {};
  const isWanted = written === null ? defaults.backsUp : cloudSQL !== "none";
  const cloudSql = hasDatabase && isWanted;
  return cloudSql || gke !== null ? { cloudSql, gkePlan: gke, retain, maxAge } : null;
}
