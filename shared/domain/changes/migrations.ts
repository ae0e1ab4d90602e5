import type { Policy } from "../policy.ts";

/** A migration that would run, and whether it can be undone. */
export type ChangedMigration = {
  readonly job: string;
  readonly when: "before" | "after";
  readonly start: "automatic" | "manual";
  /** Null where the specification does not say. */
  readonly canBeUndone: boolean | null;
  /** What going back then means. */
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
            meaning: "a rollback leaves the data as this job leaves it",
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
    return "a rollback stays possible without its data";
  }
  return hasBackup
    ? "once it has begun, a rollback takes the data back as well, from the backup before it"
    : "once it has begun, nothing goes back behind it: no backup is taken before";
}
