import { fact } from "../audit-record.ts";
import { refuseLarge } from "../budget.ts";
import { addRelease } from "../change/add-release.ts";
import { perform, putImage, record, refuse } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import { keepSpec, textToKeep } from "../changes/kept-specs.ts";
import { replan } from "../change/replan.ts";
import type { ServiceEvent } from "../event.ts";
import { endPromotion } from "../change/end.ts";
import { requestPromotion } from "../change/request.ts";
import { changedRights } from "../changed-rights.ts";
import { followedRelease } from "../followed.ts";
import { nameSome, shorten } from "../text.ts";
import { productionOf } from "../numbers/figures.ts";
import { releaseId } from "../ids.ts";
import type { ReleaseId } from "../ids.ts";
import type { Effect } from "../effect.ts";
import { isAt, isForward } from "../promotion.ts";
import type { Promotion } from "../promotion.ts";
import { imageOf, isNewer, pushedAtOf, toRelease } from "../release.ts";
import type { Actor, Release } from "../release.ts";
import type { Environment, Service } from "../service.ts";
import { environmentState, findEnvironment, openPromotions, releaseOf } from "../state.ts";
import type { ServiceState } from "../state.ts";
import { entryOf } from "../entry-of.ts";

type ServiceApplied = Extract<ServiceEvent, { kind: "service-applied" }>;

/**
 * A specification was applied. Its policy holds from now on; when it changes what is deployed, each environment
 * that takes releases by itself gets the image that it has, or that is on its way to it, under the new revision.
 */
export function onServiceApplied(change: Change, { service, by, text }: ServiceApplied): Change {
  const before = change.state.service;
  const { appliedAt, removedAt } = change.state;
  if (appliedAt !== null && removedAt === null && before.fingerprint === service.fingerprint) {
    return change;
  }
  const large = refuseLarge(service);
  if (large !== null) {
    return refuse(change, { kind: "invalid", message: large });
  }
  // The new policy may take images that the look passed over before, so everything is looked at again.
  const { kept: specs, place } = keepSpec(change.state.specs, service.revision);
  const applied = {
    ...change.state,
    service,
    appliedAt: change.now,
    removedAt: null,
    lookedUpTo: null,
    specs,
  };
  const entries = isReleasedAnew(change.state, service) ? entriesOf(applied) : [];
  const spec = {
    place,
    revision: service.revision,
    text: textToKeep(text ?? null),
    at: change.now,
    by,
  };
  const recorded = record(
    { ...change, state: applied, specs: [...change.specs, spec] },
    fact("service.applied", by, {
      details: { ...detailsOf(entries, service), ...factsOf(service) },
    }),
  );
  const told = appliedAt === null ? recorded : tellRights(recorded, before, by);
  let next = replan(cancelOrphans(told, before), before, by);
  for (const entry of entries) {
    next = releaseAnew(next, entry, by);
  }
  return next;
}

/** The ids of the releases that applying a specification makes; the state may no longer hold some that exist. */
export function releasesAfterApply(state: ServiceState, service: Service): readonly ReleaseId[] {
  const entries = isReleasedAnew(state, service) ? entriesOf({ ...state, service }) : [];
  return entries.map(({ release }) => releaseId(release.digest, service.revision));
}

function isReleasedAnew({ service: before }: ServiceState, service: Service): boolean {
  return before.revision !== service.revision && before.image === service.image;
}

type Entry = { readonly environment: Environment; readonly release: Release };

/** Each environment that gets a release by itself, with the release whose image it gets under the new revision. */
function entriesOf(state: ServiceState): readonly Entry[] {
  return state.service.environments.flatMap((environment) => {
    const release = takesByItself(environment) ? imageFor(state, environment) : null;
    return release === null ? [] : [{ environment, release }];
  });
}

function takesByItself({ deploy, stage, policy }: Environment): boolean {
  switch (deploy.kind) {
    case "rollout":
      return stage === 0 && policy.promotion === "automatic";
    case "subscription":
    case "manual":
      return true;
  }
}

/**
 * The release whose image an environment gets under the new revision: the newest release that is on its way there, else
 * the one that runs there, else the last one that proved itself there; never a bad one. An environment to which nothing
 * was ever deployed gets what a push would give it.
 */
function imageFor(state: ServiceState, environment: Environment): Release | null {
  const { active, waiting, current, healthy } = environmentState(state, environment.id);
  const open = active === null ? waiting : [active, ...waiting];
  const arriving = open.filter(({ kind }) => isForward(kind)).map(({ release }) => release);
  const places = [
    arriving
      .map((id) => releaseOf(state, id))
      .toSorted((one, other) => (isNewer(one, other) ? -1 : 1)),
    current === null ? [] : [releaseOf(state, current.release)],
    healthy.map(({ release }) => releaseOf(state, release)),
    current === null ? whatAPushGives(state, environment) : [],
  ];
  return places.flat().find(({ image }) => image.bad === null) ?? null;
}

function whatAPushGives(state: ServiceState, { deploy }: Environment): readonly Release[] {
  switch (deploy.kind) {
    case "rollout":
      return state.newest === null ? [] : [releaseOf(state, state.newest)];
    case "subscription": {
      const followed = followedRelease(state, deploy.tag);
      return followed === null ? [] : [releaseOf(state, followed)];
    }
    case "manual":
      return [];
  }
}

/** Records, as a fact of its own, that somebody changed who may do what, or what protects environments. */
function tellRights(change: Change, before: Service, by: Actor): Change {
  const changed = changedRights(before, change.state.service);
  return changed.length === 0
    ? change
    : record(change, fact("rights.changed", by, { reason: nameSome(changed, TOLD_MAX, ", ") }));
}

/** How many changes of rights a record names. */
const TOLD_MAX = 20;

/** For the record: the release that each environment gets. */
function detailsOf(entries: readonly Entry[], service: Service): Readonly<Record<string, string>> {
  return Object.fromEntries(
    entries.map(({ environment, release }) => [
      environment.id,
      `${releaseId(release.digest, service.revision)} (${release.tag ?? imageOf(release)})`,
    ]),
  );
}

/** For the record: what its readers need to count by owners, and in production, without the specification. */
function factsOf(service: Service): Readonly<Record<string, string>> {
  return {
    revision: service.revision,
    owners: shorten(service.owners.join(", "), LIST_LENGTH_MAX),
    production: shorten(productionOf(service).join(", "), LIST_LENGTH_MAX),
  };
}

/** How much of a list of names a record has. */
const LIST_LENGTH_MAX = 1000;

/** Makes the image of a release a release of the new revision, and promotes it into the environment. */
function releaseAnew(change: Change, { environment, release }: Entry, by: Actor): Change {
  const { service, releases } = change.state;
  const id = releaseId(release.digest, service.revision);
  const known = entryOf(releases, id);
  const { tag, rank } = release;
  const image = { ...release.image, release: id };
  const found = { image, tag, rank, pushedAt: pushedAtOf(release) };
  const made = known ?? toRelease(service, found, { at: change.now, by });
  const added = known === undefined ? addRelease(change, made) : putImage(change, image);
  return requestPromotion(asNewest(added, release, made), {
    environment,
    release: releaseOf(added.state, id),
    kind: "automatic",
    by,
    reason: `the specification changed to revision ${service.revision}`,
    breakGlass: null,
    wait: true,
    restores: [],
  });
}

function cancelling({ id, release }: Promotion, { pipeline }: Environment): Effect {
  return { kind: "cancel-rollout", promotion: id, pipeline, key: { rollout: id, release } };
}

/** The change in which the new release is the newest, if its image was the newest before. */
function asNewest(change: Change, before: Release, release: Release): Change {
  const { newest } = change.state;
  const isNewest = newest !== null && releaseOf(change.state, newest).digest === before.digest;
  return isNewest ? { ...change, state: { ...change.state, newest: release.id } } : change;
}

/**
 * Cancels open promotions into environments that the specification no longer has. A rollout that is under way is told
 * to stop: nobody looks at it any more.
 */
function cancelOrphans(change: Change, before: Service): Change {
  let next = change;
  for (const promotion of openPromotions(change.state)) {
    if (findEnvironment(change.state.service, promotion.environment) === null) {
      const known = findEnvironment(before, promotion.environment);
      const isRolling = known !== null && isAt(promotion, "rollout");
      const stop = isRolling ? "; its rollout was told to stop, see it in Cloud Deploy" : "";
      const message = `the specification no longer has environment ${promotion.environment}${stop}`;
      next = endPromotion(next, promotion, { state: "CANCELLED", message, by: "slipway" });
      next = isRolling ? perform(next, cancelling(promotion, known)) : next;
    }
  }
  return next;
}
