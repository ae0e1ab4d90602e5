import type { Policy } from "../policy.ts";

/** A migration that would run, and whether it can be undone. */
export type ChangedMigration = {
  readonly job: string;
  readonly when: "before" | "after";
  readonly start: "automatic" | "manual";
  /** Null where the specification does not say. */
  readonly canBeUndone: boolean | null;
  /** What the migration means for a rollback. */
  readonly meaning: string;
};

/** The migrations that a promotion runs by an environment's policy. */
export function migrationsOf({ migrations, backup }: Policy): readonly ChangedMigration[] {
  const { before, after } = migrations;
  return [
    ...(before === null
      ? []
      : [
          {
            job: before.job,
            when: "before" as const,
            start: "automatic" as const,
            canBeUndone: null,
            meaning: "a rollback does not undo what this job does to the data",
          },
        ]),
    ...(after === null
      ? []
      : [
          {
            job: after.job,
            when: "after" as const,
            start: after.start,
            canBeUndone: after.reversible,
            meaning: meaningOf(after.reversible, backup !== null),
          },
        ]),
  ];
}

function meaningOf(isReversible: boolean, hasBackup: boolean): string {
  if (isReversible) {
    return "a rollback stays possible, and leaves the data as it is";
  }
  return hasBackup
    ? "once it has begun, a rollback must restore the data too, from the backup taken before it"
    : "once it has begun, no rollback is possible, because no backup is taken before it";
}
