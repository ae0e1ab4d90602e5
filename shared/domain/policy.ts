import type { ProvenanceTrust } from "./provenance.ts";
import type { Duration, Instant } from "./time.ts";

/** Who: `user:`, `group:`, `serviceAccount:` or `domain:` and an address, lower case. */
export type Principal = `${"user" | "group" | "serviceAccount" | "domain"}:${string}`;

/** An alert policy's severity, as Cloud Monitoring names it. */
export type Severity = "CRITICAL" | "ERROR" | "WARNING";

/** A day of the week as service.yaml writes it. */
export type Weekday = "Mon" | "Tue" | "Wed" | "Thu" | "Fri" | "Sat" | "Sun";

/** Who must agree before a promotion. */
export type ApprovalPolicy = {
  readonly required: number;
  /** Empty: whoever has the right to approve. */
  readonly from: readonly Principal[];
  readonly notRequester: boolean;
  readonly notAuthor: boolean;
};

/** Hours of the days in which promotions may start; `from` and `to` are `HH:MM`, `to` may be `24:00`. */
export type WeeklyWindow = {
  readonly days: readonly Weekday[];
  readonly from: string;
  readonly to: string;
};

/** Days on which no promotion starts: dates `YYYY-MM-DD`, including the first and the last day. */
export type Freeze = {
  readonly from: string;
  readonly to: string;
  readonly reason: string;
};

/** When promotions may start. Without a weekly window: always, except in freezes. */
export type WindowPolicy = {
  readonly timeZone: string;
  readonly weekly: readonly WeeklyWindow[];
  readonly freezes: readonly Freeze[];
};

/** Which data is backed up before a rollout, and how long the backup stays. */
export type BackupPolicy = {
  readonly cloudSql: boolean;
  /** `projects/P/locations/L/backupPlans/B` of Backup for GKE. */
  readonly gkePlan: string | null;
  readonly retain: Duration;
  /** A finished backup younger than this serves as well; zero asks for a fresh one. */
  readonly maxAge: Duration;
};

/** A Cloud Run job that changes data before the rollout. */
export type MigrationBefore = { readonly job: string };

/** A Cloud Run job that changes data after the rollout, perhaps beyond recall. */
export type MigrationAfter = {
  readonly job: string;
  readonly start: "automatic" | "manual";
  readonly reversible: boolean;
};

/** How a finished rollout is proved, and what happens when it fails. */
export type VerifyPolicy = {
  readonly path: string;
  readonly version: string;
  /** Where the service is asked, such as `https://web.example.com`; null leaves it to where it runs. */
  readonly url: string | null;
  readonly bake: Duration;
  readonly onFailure: "rollback" | "fail";
};

/** Who may do what in an environment. An empty list leaves that to the people whom the installation names. */
export type AccessPolicy = {
  readonly promote: readonly Principal[];
  readonly approve: readonly Principal[];
  readonly breakGlass: readonly Principal[];
};

/** Whether an image must be signed, by whom, and how long a signature is waited for. */
export type ProvenancePolicy = {
  readonly required: boolean;
  readonly grace: Duration;
  readonly trust: ProvenanceTrust;
};

/** What an environment asks of a promotion: its category's defaults and the `delivery` key. */
export type Policy = {
  readonly promotion: "automatic" | "manual";
  readonly soak: Duration;
  readonly approvals: ApprovalPolicy | null;
  readonly windows: WindowPolicy | null;
  readonly alerts: { readonly block: readonly Severity[]; readonly warn: readonly Severity[] };
  readonly backup: BackupPolicy | null;
  readonly migrations: {
    readonly before: MigrationBefore | null;
    readonly after: MigrationAfter | null;
  };
  /** Percentages of traffic, ascending; empty means all at once. */
  readonly canary: readonly number[];
  readonly verify: VerifyPolicy | null;
  readonly access: AccessPolicy;
  readonly provenance: ProvenancePolicy;
};

/** Whether an environment's window is closed, and until when. The shell reads this from the calendar. */
export type WindowReading =
  | { readonly kind: "open" }
  | { readonly kind: "closed"; readonly reason: string; readonly opensAt: Instant | null };
