import { z } from "zod";
import { flag, lengthOfTime, matching, principals, text, whole } from "./fields.ts";
import { complainAboutDate, complainAboutTimeOfDay, complainAboutTimeZone } from "./calendar.ts";
import { NotifySection } from "./notify-section.ts";
import { RuntimeSection } from "./runtime-section.ts";
import { Provenance } from "./provenance-section.ts";
import { complainAboutRange, complainAboutTagPattern } from "./tag-pattern.ts";

const APPROVALS_MAX = 10;
const LIST_LENGTH_MAX = 100;
const CANARY_STEPS_MAX = 10;
/** Cloud Run's rule for the ids of jobs (https://cloud.google.com/run/docs/create-jobs). */
const JOB = /^[a-z](?:[a-z0-9-]{0,47}[a-z0-9])?$/;
/** https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/projects.locations.backupPlans */
const BACKUP_PLAN =
  /^projects\/[a-z][a-z0-9-]{4,28}[a-z0-9]\/locations\/[a-z0-9-]+\/backupPlans\/[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const VERIFY_URL = /^https?:\/\/[a-zA-Z0-9.-]+(?::\d{1,5})?$/;
const HTTP_PATH = /^\/[^\s?#]*$/;

function complainAboutServiceId(id: string): string | null {
  return /^[a-z0-9-]{1,20}$/.test(id) ? null : "is not the id of a service";
}

const severities = (description: string): z.ZodArray<typeof Severity> =>
  z.array(Severity).describe(description);
const Severity = z.enum(["CRITICAL", "ERROR", "WARNING"]);

const Approvals = z
  .strictObject({
    required: whole("How many people must approve; 0 asks for no approval.", {
      min: 0,
      max: APPROVALS_MAX,
    }).default(1),
    from: principals("Who may approve. When left out: whoever has the right to approve.").default(
      [],
    ),
    notRequester: flag("true: the requester may not approve.").default(true),
    notAuthor: flag("true: the author of the change may not approve.").default(false),
  })
  .meta({ title: "Approvals", description: "Who must approve a promotion." });

const WeeklyWindow = z
  .strictObject({
    days: z
      .array(z.enum(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]))
      .min(1)
      .describe("Mon, Tue, Wed, Thu, Fri, Sat, Sun."),
    from: text("The first minute, HH:MM.", complainAboutTimeOfDay).meta({ examples: ["09:00"] }),
    to: text("The end, HH:MM, up to 24:00.", complainAboutTimeOfDay).meta({ examples: ["16:00"] }),
  })
  .meta({
    title: "Weekly window",
    description: "Hours of the week in which promotions may start.",
  });

const Freeze = z
  .strictObject({
    from: text("The first closed day, YYYY-MM-DD.", complainAboutDate).meta({ format: "date" }),
    to: text("The last closed day, YYYY-MM-DD.", complainAboutDate).meta({ format: "date" }),
    reason: text("Why; shown to everybody who waits.").default(""),
  })
  .meta({ title: "Freeze", description: "Days on which no promotion starts." });

const Windows = z
  .strictObject({
    timeZone: text(
      "The zone of all hours and days, such as Europe/Berlin.",
      complainAboutTimeZone,
    ).default("UTC"),
    weekly: z
      .array(WeeklyWindow)
      .max(LIST_LENGTH_MAX)
      .optional()
      .describe("Hours of the week in which promotions may start. When left out: at any hour."),
    freezes: z
      .array(Freeze)
      .max(LIST_LENGTH_MAX)
      .default([])
      .describe("Days on which no promotion starts, whatever the hour."),
  })
  .meta({ title: "Windows", description: "When promotions may start. Rollbacks always may." });

const Alerts = z
  .strictObject({
    block: severities("Open incidents of these severities close the gate.").optional(),
    warn: severities("Open incidents of these severities are shown with the promotion.").optional(),
  })
  .meta({ title: "Alerts", description: "What open incidents mean for a promotion." });

const Backup = z
  .strictObject({
    cloudSQL: z
      .enum(["auto", "none"])
      .describe("auto: back up the environment's database; none: do not.")
      .optional(),
    gke: matching(
      "A plan of Backup for GKE: projects/<project>/locations/<location>/backupPlans/<plan>.",
      BACKUP_PLAN,
      "projects/<project>/locations/<location>/backupPlans/<plan>",
    ).optional(),
    retain: lengthOfTime("How long a backup is kept.", { min: "1d", max: "365d" }).optional(),
    maxAge: lengthOfTime(
      "How old a finished backup may be to serve instead of a new one; 0m: always take a new one.",
      {
        min: "0m",
        max: "7d",
      },
    ).optional(),
  })
  .meta({ title: "Backup", description: "The data that is backed up before every rollout." });

const job = matching(
  "A Cloud Run job in the environment's project.",
  JOB,
  "a job's id: a letter, then up to 48 letters, digits and hyphens",
);

const Migrations = z
  .strictObject({
    before: z
      .strictObject({ job })
      .optional()
      .describe(
        "The job that changes data before the rollout. The old revision must work with the changed data too.",
      ),
    after: z
      .strictObject({
        job,
        start: z
          .enum(["automatic", "manual"])
          .default("manual")
          .describe("Whether it starts by itself after the rollout, or when somebody asks."),
        reversible: flag("Whether the older release still works after the job.").default(false),
      })
      .optional()
      .describe("The job that changes data after the rollout."),
  })
  .meta({ title: "Migrations", description: "Jobs that change data before and after a rollout." });

const path = (description: string): z.ZodString =>
  matching(description, HTTP_PATH, "a path that starts with / and has no query");

const Verify = z
  .strictObject({
    path: path("Answers 200 when the service is healthy.").default("/-/healthz"),
    version: path("Answers with the version that runs.").default("/-/version"),
    url: matching(
      "Where the service is probed. When left out: its domain, else Cloud Run's address.",
      VERIFY_URL,
      "the address of a host, such as https://web.example.com",
    ).optional(),
    bake: lengthOfTime("How long the release is watched after its rollout.", {
      min: "0m",
      max: "1d",
    }).prefault("0m"),
    onFailure: z
      .enum(["rollback", "fail"])
      .default("rollback")
      .describe(
        "rollback: go back to the release before; fail: leave the release there, and say so.",
      ),
  })
  .meta({ title: "Verify", description: "How a finished rollout is proved." });

const Access = z
  .strictObject({
    promote: principals("Who may ask for promotions and rollbacks.").default([]),
    approve: principals("Who may approve and reject.").default([]),
    breakGlass: principals("Who may pass closed gates, with a reason, on the record.").default([]),
  })
  .meta({
    title: "Access",
    description:
      "Who may do what here; an empty list leaves it to those whom the installation names.",
  });

/** What one environment asks of a promotion; what is left out follows from its category. */
export const DeliveryEnvironment = z
  .strictObject({
    promotion: z
      .enum(["automatic", "manual"])
      .describe(
        "automatic: a release comes by itself; manual: when somebody asks. The first stage is automatic, the others manual.",
      )
      .optional(),
    soak: lengthOfTime("How long a release must be healthy in the stage before.", {
      min: "0m",
      max: "30d",
    }).optional(),
    approvals: Approvals.optional(),
    windows: Windows.optional(),
    alerts: Alerts.optional(),
    backup: Backup.optional(),
    migrations: Migrations.optional(),
    canary: z
      .array(whole("A percentage of the traffic: 1 to 99.", { min: 1, max: 99 }))
      .max(CANARY_STEPS_MAX)
      .default([])
      .describe(
        "Percentages of the traffic that the new revision gets before all of it, ascending.",
      ),
    verify: Verify.optional(),
    access: Access.prefault({}),
    provenance: Provenance.prefault({}),
    runtime: RuntimeSection.optional(),
  })
  .meta({
    title: "Delivery to an environment",
    description: "What the environment asks of a promotion.",
  });

/** How images become releases and what each environment asks of them: the key that upstream ignores. */
export const DeliverySection = z
  .strictObject({
    tags: z
      .union([
        text(
          "A regular expression; named groups commit and build tell where a release comes from.",
          complainAboutTagPattern,
        ),
        z
          .strictObject({ semver: text("A range of versions, such as >=1.2.", complainAboutRange) })
          .describe("Tags that are versions within a range."),
      ])
      .optional()
      .describe(
        "Which tags make a release: a pattern, or {semver: range}. When left out: every tag but those of signatures.",
      ),
    order: z
      .enum(["pushed", "semver", "build"])
      .optional()
      .describe(
        "By what a release is newer. pushed: the time when its tag was put on the image. semver: its version. build: the number in the group build of the tag pattern. When left out: semver for {semver: range}, build for a pattern with that group, else pushed.",
      ),
    manages: z
      .enum(["service", "image"])
      .default("service")
      .describe(
        "service: a release is the whole Cloud Run service; image: it changes the image alone, and Terraform keeps the rest.",
      ),
    sharesWith: z
      .array(text("Another service's id.", complainAboutServiceId))
      .max(LIST_LENGTH_MAX)
      .default([])
      .describe(
        "Services with which it shares its image, or a project and region; each has to name the other.",
      ),
    notify: NotifySection,
    queue: z
      .enum(["latest", "all"])
      .default("latest")
      .describe(
        "While a stage is busy: latest deploys only the newest next, all deploys each in turn.",
      ),
    environments: z
      .record(z.string(), DeliveryEnvironment)
      .default({})
      .describe("What each environment asks of a promotion, by its id."),
  })
  .meta({
    title: "Delivery",
    description: "How releases are made and when they may reach an environment.",
  });
