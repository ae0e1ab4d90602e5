import { readFileSync } from "node:fs";
import type { AuditRecord } from "../../shared/domain/audit-record.ts";
import { brokenInvariants } from "../../shared/domain/invariants.ts";
import type { Instant } from "../../shared/domain/time.ts";
import type { Deployment } from "../../shared/domain/state.ts";
import type { Release } from "../../shared/domain/release.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import { stepOf } from "../../shared/domain/promotion.ts";
import { isUnderWay } from "../../shared/domain/rollout.ts";
import type { EnvironmentState } from "../../shared/domain/state.ts";
import { isClosed } from "../../shared/domain/gates/verdict.ts";
import type { Hash } from "../../shared/ports/hash.ts";
import { AUDIT_GUIDE, undescribedDetails } from "./audit-guide.ts";
import { isSpoiled } from "./hostile-storm.ts";
import type { MemoryRollout } from "./memory-cloud-deploy.ts";
import type { World } from "./memory-ports.ts";
import { brokenSums } from "./sums-invariant.ts";

const GUIDE = readFileSync(new URL(`../../${AUDIT_GUIDE}`, import.meta.url), "utf8");

const OVER: ReadonlySet<string> = new Set([
  "SUCCEEDED",
  "FAILED",
  "APPROVAL_REJECTED",
  "CANCELLED",
  "HALTED",
]);

/** What does not hold in a world, in words; empty when every invariant of DESIGN.md section 7 does. */
export function brokenInWorld(world: World, hash: Hash): readonly string[] {
  const records = [...world.store.records.values()].flat();
  const promotions = [...world.store.promotions.values()];
  return [
    ...[...world.store.services.values()].flatMap(({ state }) =>
      isSpoiled(world, state.service.id) ? [] : brokenInvariants(state),
    ),
    ...brokenReleases(world),
    ...brokenTargets(world),
    ...brokenGates(world, records),
    ...brokenOrder(world, promotions),
    ...brokenAutomatic(world),
    ...[...world.store.records].flatMap(([chain, chained]) => brokenChain(hash, chain, chained)),
    ...brokenEffects(world, records),
    ...undescribedDetails(GUIDE, records),
  ];
}

/** 1. One digest and revision make one release. */
function brokenReleases(world: World): readonly string[] {
  const images = [...world.cloudDeploy.releases.values()].map(
    ({ pipeline, digest, sourceUri }) => `${pipeline} ${digest} ${sourceUri}`,
  );
  return repeated(images).map((image) => `${image} is more than one release`);
}

/** 3. At most one rollout is under way in a target. */
function brokenTargets(world: World): readonly string[] {
  const open = [...world.cloudDeploy.rollouts.values()].filter(({ state }) => !OVER.has(state));
  const own = open.filter(({ isByHand }) => !isByHand).map(({ target }) => target);
  // One that is cancelled before its turn came was never under way.
  const active = open.filter(({ phases }) => phases.some(hasBegun)).map(({ target }) => target);
  return [
    ...repeated(own).map((target) => `${target} has more than one rollout of ours under way`),
    ...repeated(active).map((target) => `${target} has more than one rollout under way`),
    ...[...world.store.services.values()].flatMap(({ state }) =>
      Object.values(state.environments).flatMap(brokenBusy),
    ),
  ];
}

function hasBegun({ state }: MemoryRollout["phases"][number]): boolean {
  return state !== "PENDING" && state !== "SKIPPED";
}

/** No rollout of ours begins in a target in which another is known to be under way. */
function brokenBusy({ active, foreign }: EnvironmentState): readonly string[] {
  const began = active === null ? null : (stepOf(active, "rollout")?.startedAt ?? null);
  return began === null
    ? []
    : foreign
        .filter((other) => isUnderWay(other) && other.since < began)
        .map(({ id }) => `${active?.id} began its rollout though ${id} was under way`);
}

/** 2. No rollout without a record that its promotion started with every gate open, or broken by name. */
function brokenGates(world: World, records: readonly AuditRecord[]): readonly string[] {
  const own = [...world.cloudDeploy.rollouts.values()].filter(({ isByHand }) => !isByHand);
  return own.flatMap(({ id }) => {
    const started = records.find(
      ({ kind, promotion }) => kind === "promotion.started" && promotion === id,
    );
    const isBroken = records.some(
      ({ kind, promotion, reason }) =>
        kind === "gates.broken" && promotion === id && reason !== null,
    );
    if (started === undefined) {
      return [`rollout ${id} began without a started promotion`];
    }
    return started.verdicts.some(isClosed) && !isBroken
      ? [`rollout ${id} began behind a closed gate`]
      : [];
  });
}

/** 5. What succeeded in prod had succeeded in dev before. */
function brokenOrder(world: World, promotions: readonly Promotion[]): readonly string[] {
  return promotions
    .filter(({ environment, state }) => environment === "prod" && state === "SUCCEEDED")
    .filter(({ breakGlass }) => breakGlass === null)
    .flatMap(({ id, service, release }) => {
      const known = world.store.releases.get(`${service}/${release}`);
      return known?.succeededIn["dev"] === undefined ? [`${id} was never proved in dev`] : [];
    });
}

/** 6. An automatic promotion never puts an older release over a newer one. */
function brokenAutomatic(world: World): readonly string[] {
  const entries = [...world.store.timeline.values()].toSorted(
    (one, other) => one.deployment.since - other.deployment.since,
  );
  return entries.flatMap((entry, index) => {
    const before = entries
      .slice(0, index)
      .findLast(({ environment }) => environment === entry.environment);
    if (before === undefined || entry.deployment.kind !== "automatic") {
      return [];
    }
    const [there, put] = [before, entry].map(({ deployment }) => releaseIn(world, deployment));
    const promotion = world.store.promotions.get(`web/${entry.deployment.promotion}`);
    const since = promotion?.createdAt ?? entry.deployment.since;
    if (there === undefined || put === undefined || !isNewerAt(there, put, since)) {
      return [];
    }
    const isGivenUp = wasMarked(world, there) && there.revision !== put.revision;
    return isGivenUp ? [] : [`${entry.id} put an older release over a newer`];
  });
}

/** Whether its image was ever marked bad: a mark that is gone by now counted while it was there. */
function wasMarked(world: World, { digest, image }: Release): boolean {
  const records = [...world.store.records.values()].flat();
  return (
    image.bad !== null ||
    records.some(
      ({ kind, details }) => kind === "release.marked-bad" && details["digest"] === digest,
    )
  );
}

/**
 * A tag that was put again later hides when it was put before: then nobody can tell, even if a message that came late
 * has told of an older put since.
 */
function isNewerAt(release: Release, other: Release, moment: Instant): boolean {
  const isHidden = other.image.tags.some(({ at }) => at > lastOf(moment));
  const place = placeAt(other, moment);
  return !isHidden && place !== "" && placeAt(release, moment) > place;
}

/** When the release was pushed last, as things stood at a moment; empty if that is not known any more. */
function placeAt({ image }: Release, moment: Instant): string {
  const puts = image.tags.map(({ at }) => at).filter((at) => at <= lastOf(moment));
  return puts.toSorted().at(-1) ?? "";
}

/** The last time within the millisecond that a tag's time can name. */
function lastOf(moment: Instant): string {
  return new Date(moment).toISOString().replace("Z", "999999Z");
}

function releaseIn(world: World, { release }: Deployment): Release | undefined {
  const known = world.store.releases.get(`web/${release}`);
  const image = known === undefined ? undefined : world.store.images.get(`web/${known.image.id}`);
  return known === undefined || image === undefined ? known : { ...known, image };
}

/** 7. A chain has no gap, and each record's hash is its own and follows from the one before. */
export function brokenChain(
  hash: Hash,
  chain: string,
  records: readonly AuditRecord[],
): readonly string[] {
  return records.flatMap((record, index) => {
    const before = records[index - 1];
    const { hash: own, ...unsealed } = record;
    const isNext = record.sequence === index + 1 && record.chain === chain;
    const isLinked = record.previousHash === (before?.hash ?? "0".repeat(64));
    return isNext && isLinked && hash.ofRecord(unsealed) === own
      ? []
      : [`${chain} is broken at record ${record.sequence}`];
  });
}

/** 7. Every effect leaves exactly one record. */
function brokenEffects(world: World, records: readonly AuditRecord[]): readonly string[] {
  const created = records
    .filter(({ kind }) => kind === "rollout.created")
    .map(({ details }) => details["rollout"] ?? "");
  const advanced = records
    .filter(({ kind }) => kind === "rollout.advanced")
    .map(({ details }) => `${details["phase"]} of ${details["rollout"]}`);
  const untold = created.filter(
    (id) => ![...world.cloudDeploy.rollouts.values()].some((rollout) => rollout.id === id),
  );
  return [
    ...repeated(created).map((id) => `rollout ${id} is recorded more than once`),
    ...repeated(advanced).map((phase) => `phase ${phase} is recorded more than once`),
    ...untold.map((id) => `rollout ${id} is recorded and does not exist`),
  ];
}

/** Once all is quiet in a world that is known as a whole: that, and the sums are what all records come to. */
export function brokenAtRest(world: World): readonly string[] {
  return [...unsettled(world), ...brokenSums(world)];
}

/** Once all is quiet: nothing is pending, every record is published, every rollout is recorded. */
export function unsettled(world: World): readonly string[] {
  const services = [...world.store.services.values()];
  const pending = services
    .flatMap(({ outbox }) => outbox)
    .map(({ effect }) => `${effect.kind} of ${effect.promotion} is still pending`);
  const behind = services
    .filter(({ chain }) => chain.published !== chain.head.sequence)
    .map(({ state }) => `${state.service.id} is not published`);
  const stored = [...world.store.records.values()].flat().length;
  const unseen = stored === world.published.length ? [] : ["a record was never published"];
  const recorded = new Set(
    [...world.store.records.values()].flat().map(({ details }) => details["rollout"]),
  );
  const untold = [...world.cloudDeploy.rollouts.values()]
    .filter(({ id, isByHand }) => !isByHand && !recorded.has(id))
    .map(({ id }) => id)
    .map((id) => `rollout ${id} is not recorded`);
  return [...pending, ...behind, ...unseen, ...untold];
}

function repeated(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
