import type { ServiceEvent } from "../../shared/domain/event.ts";
import { environmentId, releaseId } from "../../shared/domain/ids.ts";
import type { ReleaseId } from "../../shared/domain/ids.ts";
import type { Policy } from "../../shared/domain/policy.ts";
import { toRestorePoint } from "../../shared/domain/promotion.ts";
import { judgeRollback } from "../../shared/domain/rollback.ts";
import { days, duration } from "../../shared/domain/time.ts";
import { aDigest, aService } from "./builders.ts";
import { asked, deployed, when, within } from "./decider.ts";
import type { Story } from "./decider.ts";
import { present } from "./present.ts";
import { backedUp, databases, inProd, nextToProd, withPolicy } from "./step-events.ts";

/** Who takes things back in these stories. */
export const SUE = "user:sue@example.com";
const contract = { job: "contract", start: "manual" as const, reversible: false };

/** Every database is backed up for each promotion. */
export const BACKUP = { cloudSql: true, gkePlan: null, retain: days(30), maxAge: duration(0) };

/** The same, and a migration that cannot be undone waits for a person after each. */
export const GUARDED = { backup: BACKUP, migrations: { before: null, after: contract } };

/** The release of the image numbered so. */
export function release(number: number): ReleaseId {
  return releaseId(aDigest(number), aService().revision);
}

/** The promotion to prod with that number, of the release of an image. */
export function to(number: number, attempt: number): string {
  return `${release(number)}-to-prod-000${attempt}`;
}

/** Releases that went to prod one after the other, each with what the policy asks for. */
export function through(policy: Partial<Policy>, ...numbers: readonly number[]): Story {
  const first = when(withPolicy(policy), asked("prod"));
  return numbers.slice(1).reduce((story, number) => again(story, number), arrive(first));
}

/** The story after another release went to prod. */
export function again(story: Story, number: number): Story {
  return arrive(nextToProd(story, number));
}

/** The story after the promotion to prod that was asked for is deployed. */
export function arrive(story: Story): Story {
  const isAsking = story.effects.at(-1)?.kind === "find-databases";
  const ready = isAsking ? backedUp(when(story, databases(story, "web-a"))) : story;
  return deployed(ready, "prod");
}

/** The migration that waits for a person was started, and is done. */
export function contracted(story: Story): Story {
  const promotion = present(within(story, "prod").contract, "a migration that waits").promotion;
  const execution = { name: "run-1", state: "SUCCEEDED" as const, message: null };
  return when(
    story,
    { kind: "contract-requested", environment: environmentId("prod"), by: SUE },
    { kind: "execution-observed", promotion, execution },
  );
}

/** The story after a release was marked bad. */
export function marked(story: Story, number: number): Story {
  return when(story, {
    kind: "release-marked",
    release: release(number),
    isBad: true,
    by: SUE,
    asOncall: false,
    reason: "it leaks",
  });
}

/** Whether a rollback of prod is safe now. */
export function verdict(
  { state }: Story,
  parts: { readonly release?: ReleaseId | null; readonly hasImage?: boolean } = {},
): ReturnType<typeof judgeRollback> {
  const prod = present(state.service.environments[1], "prod");
  const { healthy } = state.environments["prod"] ?? { healthy: [] };
  const id = parts.release === undefined ? (healthy[0]?.release ?? null) : parts.release;
  const wanted = id === null ? null : (state.releases[id] ?? null);
  return judgeRollback(state, prod, { release: wanted, hasImage: parts.hasImage ?? true });
}

/** Sue takes prod back. */
export function back(
  parts: Partial<Extract<ServiceEvent, { kind: "rollback-requested" }>>,
): ServiceEvent {
  return {
    kind: "rollback-requested",
    environment: environmentId("prod"),
    release: null,
    by: SUE,
    reason: "it is slow",
    restoreData: false,
    hold: null,
    asOncall: false,
    hasImage: true,
    ...parts,
  };
}

/** The first restore of the promotion in prod was seen. */
export function restored(story: Story, state: "SUCCEEDED" | "FAILED"): ServiceEvent {
  const promotion = inProd(story);
  const point = present(promotion.restores[0], "a restore");
  return {
    kind: "restore-observed",
    promotion: promotion.id,
    backup: point.backup,
    restore: "restore-1",
    state,
    message: null,
  };
}

/** Sue restores a backup of prod: the newest unless another is named. */
export function request(story: Story, id: string | null = null): ServiceEvent {
  const { backups } = within(story, "prod");
  const wanted = id === null ? backups[0] : backups.find((backup) => backup.id === id);
  const backup = present(wanted, "a backup");
  const points = [present(toRestorePoint(backup, backup.source), "a point to restore to")];
  return {
    kind: "restore-requested",
    environment: environmentId("prod"),
    points,
    by: SUE,
    reason: "lost rows",
  };
}
