import { sourceName } from "../../shared/domain/backup.ts";
import { blocking } from "../../shared/domain/gates/judge.ts";
import { isEnded, isForward, stepOf } from "../../shared/domain/promotion.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import { openPromotions } from "../../shared/domain/state.ts";
import type { Instant } from "../../shared/domain/time.ts";
import { GUARDED_DATABASES } from "./guarded-service.ts";
import type { World } from "./memory-ports.ts";

/** What does not hold where the environment prod is guarded; empty when all does. */
export function brokenGuards(world: World, now: Instant): readonly string[] {
  const promotions = [...world.store.promotions.values()].filter(
    ({ environment }) => environment === "prod",
  );
  const deployed = promotions.filter((promotion) => hasRollout(world, promotion));
  return [
    ...deployed.filter(({ kind }) => isForward(kind)).flatMap((one) => brokenBackups(world, one)),
    ...deployed.flatMap(brokenStart),
    ...brokenTakes(world),
    ...brokenSpent(world, promotions),
    ...brokenOnce(world),
    ...brokenRollbacks(world, promotions),
    ...brokenWaits(world, now),
  ];
}

function hasRollout(world: World, { id }: Promotion): boolean {
  return [...world.cloudDeploy.rollouts.values()].some((rollout) => rollout.id === id);
}

function maxAgeOf(world: World): number {
  const [web] = world.store.services.values();
  const prod = web?.state.service.environments.find(({ id }) => id === "prod");
  // A policy that asks for none now says nothing of the age that served before.
  return prod?.policy.backup?.maxAge ?? Infinity;
}

/** 4. Every source was backed up before the rollout, after the step began or lately enough. */
function brokenBackups(world: World, promotion: Promotion): readonly string[] {
  const { id, backups } = promotion;
  const step = stepOf(promotion, "backup");
  if (step === null) {
    // The policy asked for none when its steps were planned last.
    return [];
  }
  const rolledAt = stepOf(promotion, "rollout")?.startedAt ?? null;
  if (step.startedAt === null || rolledAt === null) {
    return [`${id} has a rollout and never began its backup or its rollout`];
  }
  const began = step.startedAt;
  const done = step.endedAt ?? rolledAt;
  const sources = new Set(backups.map(({ source }) => sourceName(source)));
  const unfinished = backups.filter(
    ({ state, finishedAt }) =>
      state !== "SUCCEEDED" || finishedAt === null || finishedAt > rolledAt,
  );
  const stale = backups.filter(
    ({ finishedAt }) =>
      finishedAt !== null && finishedAt < began && done - finishedAt > maxAgeOf(world),
  );
  return [
    ...(sources.size === GUARDED_DATABASES.length + 1
      ? []
      : [`${id} was deployed with backups of ${[...sources].join(", ")} alone`]),
    ...unfinished.map((backup) => `${id} was deployed before ${backup.id} had finished`),
    ...stale.map((backup) => `${id} was deployed on ${backup.id}, which was too old`),
  ];
}

/** 2. By the verdicts of the moment at which its rollout began, no gate was closed but those broken. */
function brokenStart({ id, gates, breakGlass }: Promotion): readonly string[] {
  return blocking(gates, breakGlass).map(({ gate }) => `${id} was rolled out behind ${gate}`);
}

/** A promotion backs a source up once; again only when what was taken early had become too old. */
function brokenTakes(world: World): readonly string[] {
  const maxAge = maxAgeOf(world);
  const taken = world.backups.backups.filter(({ mark }) => mark !== null);
  return taken.flatMap((backup, index) => {
    const before = taken
      .slice(0, index)
      .findLast(
        (other) =>
          sourceName(other.source) === sourceName(backup.source) &&
          promotionOf(other.mark) === promotionOf(backup.mark),
      );
    const isNeeded =
      before === undefined ||
      (maxAge > 0 && before.finishedAt !== null && backup.startedAt - before.finishedAt > maxAge);
    return isNeeded ? [] : [`${backup.mark} backs up again what ${before.mark} has`];
  });
}

/** How many backups and jobs of each world were looked at before. */
const lookedAt = new WeakMap<World, { readonly backups: number; readonly jobs: number }>();

/** What began since the last look was for an image that the registry has: nothing is spent on one that is gone. */
function brokenSpent(world: World, promotions: readonly Promotion[]): readonly string[] {
  const { backups, executions } = { ...world.backups, ...world.jobs };
  const before = lookedAt.get(world) ?? { backups: 0, jobs: 0 };
  lookedAt.set(world, { backups: backups.length, jobs: executions.length });
  const begun = new Set([
    ...backups.slice(before.backups).map(({ mark }) => promotionOf(mark)),
    ...executions.slice(before.jobs).map(({ mark }) => mark.replace(/-migrate$/, "")),
  ]);
  const images = new Set([...world.images.values()].flat().map((image) => image.digest));
  return promotions
    .filter(({ id, kind }) => isForward(kind) && begun.has(id))
    .filter(({ service, release }) => {
      const digest = world.store.releases.get(`${service}/${release}`)?.digest;
      return digest === undefined || !images.has(digest);
    })
    .map(({ id }) => `${id} spends something on an image that is gone`);
}

function promotionOf(mark: string | null): string {
  return (mark ?? "").replace(/-b\d+$/, "");
}

/** A migration runs once for its mark, and a backup comes back once. */
function brokenOnce(world: World): readonly string[] {
  const marks = [
    ...world.jobs.executions.map(({ mark }) => mark),
    ...world.backups.restores.map(({ mark }) => mark),
  ];
  return marks
    .filter((mark, index) => marks.indexOf(mark) !== index)
    .map((mark) => `${mark} was done more than once`);
}

/** What Slipway rolls back by itself is never a rollback, and each once. */
function brokenRollbacks(world: World, promotions: readonly Promotion[]): readonly string[] {
  const back = promotions.filter(({ state }) => state === "ROLLED_BACK");
  const own = promotions.filter(
    ({ kind, requestedBy }) => kind === "rollback" && requestedBy === "slipway",
  );
  const records = [...world.store.records.values()].flat();
  const told = records.filter(({ kind }) => kind === "promotion.rolled-back");
  const twice = told.filter(
    ({ promotion }, index) => told.findIndex((one) => one.promotion === promotion) !== index,
  );
  return [
    ...back
      .filter(({ kind }) => kind === "rollback")
      .map(({ id }) => `${id} is a rollback that was rolled back`),
    ...(own.length > back.length ? ["more was rolled back than failed to prove itself"] : []),
    ...twice.map(({ promotion }) => `${promotion} was rolled back twice`),
  ];
}

/** 8. What is open says what it waits for and until when; what has ended is not in the state. */
function brokenWaits(world: World, now: Instant): readonly string[] {
  const open = [...world.store.services.values()].flatMap(({ state }) => openPromotions(state));
  return open.flatMap((promotion) => brokenWait(promotion, now));
}

function brokenWait(promotion: Promotion, now: Instant): readonly string[] {
  const { id, deadline, steps } = promotion;
  const isSaid =
    promotion.state === "WAITING"
      ? steps.some(({ name, message }) => name === "gates" && message !== null)
      : steps.some(
          ({ state, message }) => state === "RUNNING" || (state === "PENDING" && message !== null),
        );
  const broken = isEnded(promotion) ? [`${id} has ended and is in the state`] : [];
  if (!isSaid) {
    broken.push(`${id} does not say what it waits for`);
  }
  if (deadline === null || deadline <= now - UNTICKED_MS) {
    broken.push(`${id} is overdue`);
  }
  return broken;
}

/** Time may pass in a storm without a tick; a promotion is given up at the next event. */
const UNTICKED_MS = 40 * 86_400_000;
