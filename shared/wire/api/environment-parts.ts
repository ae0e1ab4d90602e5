import { z } from "zod";

const time = z.string().meta({ format: "date-time", description: "RFC 3339, UTC" });

/** Behind which release nothing may go back without its data. */
export const RollbackFloorView = z.object({
  release: z.string(),
  since: time,
  backups: z.array(z.string()),
});

/** A migration that follows a deployment once somebody starts it. */
export const PendingMigrationView = z.object({
  promotion: z.string(),
  release: z.string(),
  job: z.string(),
  reversible: z.boolean(),
  state: z.enum(["WAITING", "RUNNING"]),
  startedBy: z.string().nullable(),
});

/** A promotion that failed, as an environment tells of it. */
export const FailedView = z.object({
  promotion: z.string(),
  release: z.string(),
  tag: z.string().nullable(),
  time,
  reason: z.string(),
});
