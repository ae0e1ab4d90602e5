import { z } from "zod";
import type { ChangedRelease, Changes } from "../../domain/changes/changes.ts";
import type { EnvironmentId, ServiceId } from "../../domain/ids.ts";
import { RollbackVerdictView } from "./recovery.ts";
import { PromotionView } from "./schemas.ts";

const ChangedReleaseView = z
  .object({
    id: z.string(),
    digest: z.string(),
    tag: z.string().nullable(),
    revision: z.string().meta({ description: "The revision of the specification" }),
    commit: z.string().nullable(),
    authors: z.array(z.string()),
    isBad: z.boolean(),
    pushTime: z.string(),
  })
  .meta({ id: "ChangedRelease" });

const SpecificationView = z.object({
  state: z.enum(["SAME", "DIFFERENT", "UNKNOWN"]),
  lines: z.array(z.object({ sign: z.enum(["-", "+", " "]), text: z.string() })),
  leftOut: z.number().int().meta({ description: "How many further lines are not shown" }),
});

const MigrationView = z.object({
  job: z.string(),
  when: z.enum(["before", "after"]).meta({ description: "Before or after the rollout" }),
  start: z.enum(["automatic", "manual"]),
  canBeUndone: z.boolean().nullable().meta({ description: "Null where nobody says" }),
  meaning: z.string(),
});

/** What goes to an environment with a release. */
export const ChangesView = z
  .object({
    service: z.string(),
    environment: z.string(),
    direction: z.enum(["FIRST", "FORWARD", "BACKWARD", "NONE"]),
    from: ChangedReleaseView.nullable().meta({ description: "What is recorded there now" }),
    to: ChangedReleaseView,
    releases: z.array(ChangedReleaseView).meta({
      description:
        "In the order of pushes, the newest first: what comes, or going backwards what is taken away",
    }),
    isCut: z.boolean().meta({ description: "Whether there are more than are listed" }),
    commits: z.array(z.string()),
    authors: z.array(z.string()),
    comparison: z.string().nullable().meta({ description: "The page that compares the commits" }),
    sourceFolder: z.string().nullable().meta({ description: "The folder of the repository" }),
    specification: SpecificationView,
    migrations: z.array(MigrationView),
    unknown: z.array(z.string()).meta({ description: "What cannot be told, and why" }),
    material: z.string().meta({ description: "What an approval given now is given for" }),
  })
  .meta({ id: "Changes" });

const changes = ChangesView.nullable().meta({
  description: "Null where nothing is deployed by it",
});

/** A promotion as it would be, with what it would bring. */
export const PromotionPreview = PromotionView.extend({ changes }).meta({ id: "PromotionPreview" });

/** Whether going back is safe, with what it would take away. */
export const RollbackPreview = RollbackVerdictView.extend({ changes }).meta({
  id: "RollbackPreview",
});

/** Changes as the API shows them. */
export function toChangesView(
  told: Changes,
  place: {
    readonly service: ServiceId;
    readonly environment: EnvironmentId;
    readonly folder: string | null;
  },
): z.output<typeof ChangesView> {
  const { comparison, migrations } = told;
  return {
    service: place.service,
    environment: place.environment,
    direction: DIRECTIONS[told.direction],
    from: told.from === null ? null : toReleaseView(told.from),
    to: toReleaseView(told.to),
    releases: told.releases.map(toReleaseView),
    isCut: told.isCut,
    commits: [...told.commits],
    authors: [...told.authors],
    comparison: comparison.kind === "page" ? comparison.url : null,
    sourceFolder: place.folder,
    specification: toSpecificationView(told),
    migrations: migrations.map(({ ...migration }) => migration),
    unknown: [...told.unknown],
    material: told.material,
  };
}

const DIRECTIONS = {
  first: "FIRST",
  forward: "FORWARD",
  backward: "BACKWARD",
  none: "NONE",
} as const;

function toReleaseView(release: ChangedRelease): z.output<typeof ChangedReleaseView> {
  const { pushedAt: pushTime, authors, ...rest } = release;
  return { ...rest, authors: [...authors], pushTime };
}

function toSpecificationView({ specification }: Changes): z.output<typeof SpecificationView> {
  switch (specification.kind) {
    case "same":
      return { state: "SAME", lines: [], leftOut: 0 };
    case "unknown":
      return { state: "UNKNOWN", lines: [], leftOut: 0 };
    case "different": {
      const { lines, leftOut } = specification.difference;
      return { state: "DIFFERENT", lines: lines.map(({ ...line }) => line), leftOut };
    }
  }
}
