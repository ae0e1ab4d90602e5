import { newAggregate } from "../../shared/app/aggregate.ts";
import { enqueue } from "../../shared/app/pending.ts";
import { toServiceDocument } from "../../shared/adapters/documents.ts";
import { HOLDS_MAX } from "../../shared/domain/events/hold.ts";
import type { Hold } from "../../shared/domain/hold.ts";
import type { Effect } from "../../shared/domain/effect.ts";
import { asPromotionId, environmentId, holdId } from "../../shared/domain/ids.ts";
import type { Policy } from "../../shared/domain/policy.ts";
import { READINGS_MAX } from "../../shared/domain/provenance.ts";
import { sizeOf } from "../../shared/domain/size.ts";
import { OTHER_TAGS_MAX } from "../../shared/domain/image.ts";
import { FOREIGN_MAX, IGNORED_MAX, openPromotions } from "../../shared/domain/state.ts";
import { days, duration } from "../../shared/domain/time.ts";
import { aCandidate, aDigest, anEnvironment, aPolicy, aService } from "./builders.ts";
import { asked, given, seen, when, within } from "./decider.ts";
import type { Story } from "./decider.ts";

/** Who asks in these stories. */
export const ANN = "user:ann@example.com";
/** As many environments as a specification has room for with every policy. */
export const ENVIRONMENTS = Array.from({ length: 20 }, (_, index) => `e${index}`);

/** The most bytes that a reason of the API may take. */
export const REASON = "é".repeat(768);

/** A hold on the service with as long a reason as may be. */
export function aHold(number: number, parts: Partial<Hold> = {}): Hold {
  const service = aService().id;
  return {
    id: holdId(`hold-${String(number).padStart(6, "0")}`),
    scope: { kind: "service", service },
    reason: REASON,
    by: ANN,
    asOncall: false,
    createdAt: given(aService()).now,
    until: null,
    ...parts,
  };
}

/** The story after a hold was asked for. */
export function held(story: Story, hold: Hold): Story {
  return when(story, { kind: "hold-placed", hold });
}

/** The environments whose data is backed up and migrated. */
export const WITH_DATA = ENVIRONMENTS.slice(0, 2);
/** As many databases as one environment may have. */
export const DATABASES = Array.from({ length: 10 }, (_, index) => `${"d".repeat(90)}${index}`);
const PLAN = `projects/p/locations/l/backupPlans/${"b".repeat(60)}`;

/**
 * A service as large as one may be: twenty environments with every policy, each of which is watched. Some of them also
 * back up as many databases as there may be, and change them for good.
 */
export function largeService(withData: readonly string[] = []): ReturnType<typeof aService> {
  const principals = Array.from(
    { length: 18 },
    (_, index) => `group:team-${index}@example.com` as const,
  );
  const policy = aPolicy({
    approvals: { required: 10, from: principals, notRequester: false, notAuthor: false },
    alerts: { block: ["CRITICAL", "ERROR"], warn: ["WARNING"] },
    access: { promote: principals, approve: principals, breakGlass: principals },
  });
  const guarded: Policy = {
    ...policy,
    backup: { cloudSql: true, gkePlan: PLAN, retain: days(30), maxAge: duration(0) },
    migrations: {
      before: null,
      after: { job: "contract", start: "automatic", reversible: false },
    },
  };
  const environments = ENVIRONMENTS.map((id, index) =>
    anEnvironment(id, {
      stage: index === 0 ? 0 : null,
      policy: withData.includes(id) ? guarded : policy,
      category: "external",
    }),
  );
  const fingerprint = `${withData.length} with data`;
  return aService({ queue: "all", environments, fingerprint });
}

/** Deploys the newest release into an environment, past every gate. */
function deployed(story: Story, environment: string): Story {
  const glass = { by: ANN, reason: REASON, gates: ["incident", "approval", "hold"] as const };
  const started = when(
    story,
    asked(environment, { breakGlass: glass, reason: REASON, release: story.state.newest }),
  );
  const rolled = when(started, seen(started, environment));
  const { active } = within(rolled, environment);
  const probe = { isHealthy: true, version: null, isBlocked: false, detail: "d".repeat(2000) };
  return active === null
    ? rolled
    : when(rolled, { kind: "probe-observed", promotion: active.id, probe, areTagsRead: true });
}

/** The newest release fails in an environment, past every gate and with as much as may be said of it. */
function failed(story: Story, environment: string): Story {
  const glass = { by: ANN, reason: REASON, gates: ["incident", "approval", "hold"] as const };
  const { newest: release } = story.state;
  const started = when(story, asked(environment, { release, breakGlass: glass, reason: REASON }));
  const failure = "f".repeat(2000);
  return when(started, seen(started, environment, { state: "FAILED", failure }));
}

/** The active promotion has its databases found, and each of its backups finished, as often as it asks. */
function backedUp(story: Story, environment: string): Story {
  const { active } = within(story, environment);
  if (active === null) {
    return story;
  }
  const { id } = active;
  const { project } = anEnvironment(environment);
  let next = when(story, {
    kind: "databases-found",
    promotion: id,
    project,
    instances: DATABASES,
  });
  for (const { id: backup } of within(next, environment).active?.backups ?? []) {
    next = when(next, {
      kind: "backup-observed",
      promotion: id,
      backup,
      name: `${project}/${backup}`,
      state: "SUCCEEDED",
      finishedAt: next.now,
      message: null,
    });
  }
  return next;
}

/** Deploys the newest release where data is backed up and then changed for good. */
function deployedWithData(story: Story, environment: string): Story {
  const glass = { by: ANN, reason: REASON, gates: ["incident", "approval", "hold"] as const };
  const { newest: release } = story.state;
  const started = when(story, asked(environment, { breakGlass: glass, reason: REASON, release }));
  const ready = backedUp(started, environment);
  const rolled = when(ready, seen(ready, environment));
  const { active } = within(rolled, environment);
  const execution = { name: "x".repeat(200), state: "SUCCEEDED" as const, message: null };
  return active === null
    ? rolled
    : when(rolled, { kind: "execution-observed", promotion: active.id, execution });
}

/** Somebody else's rollouts end in an environment, as many as are remembered. */
function foreign(story: Story, environment: string): Story {
  let next = story;
  for (let number = 0; number <= FOREIGN_MAX; number += 1) {
    const id = `${"f".repeat(61)}-${number}`;
    next = when(next, {
      kind: "foreign-rollout-observed",
      environment: environmentId(environment),
      rollout: {
        id,
        release: "r".repeat(63),
        target: "t".repeat(63),
        state: "SUCCEEDED",
        rawState: "SUCCEEDED",
        failure: null,
        nextPhase: null,
        description: "d".repeat(2000),
        createdAt: next.now,
        endedAt: null,
      },
    });
  }
  return next;
}

/** Every release's signatures are read under more trusts than are remembered, each with all that may be said. */
function verified(story: Story): Story {
  let next = story;
  for (const release of Object.values(story.state.releases)) {
    for (let trust = 0; trust <= READINGS_MAX; trust += 1) {
      const verdict = { kind: "unverified" as const, reason: "w".repeat(2000) };
      const reading = { trust: `${trust}`.padStart(16, "0"), verdict };
      next = when(next, { kind: "provenance-observed", release: release.id, reading });
    }
  }
  return next;
}

/** Pushes that change nothing, as many as are remembered. */
function ignored(story: Story): Story {
  let next = story;
  for (let number = 0; number <= IGNORED_MAX; number += 1) {
    const tag = String(number).padStart(128, "i");
    const reason = `${number} ${"r".repeat(2000)}`;
    next = when(next, {
      kind: "image-refused",
      digest: aDigest(number),
      tag,
      reason,
      otherTags: [],
    });
  }
  return next;
}

/** The longest tags of which nothing is made. */
const OTHER_TAGS = Array.from({ length: OTHER_TAGS_MAX }, (_, index) =>
  String(index).padStart(128, "o"),
);

/** An image of a hostile builder: as many tags and authors as are remembered, each as long as it may be. */
export function pushed(story: Story, number: number): Story {
  const authors = Array.from({ length: 8 }, (_, index) => `${"a".repeat(240)}${index}@b.example`);
  let next = story;
  for (let count = 0; count < 10; count += 1) {
    const tag = String(number * 100 + count).padStart(128, "t");
    const at = new Date(story.now + count).toISOString().replace("Z", "000000Z");
    const commit = "c".repeat(128);
    const put = { tag, at, commit };
    const candidate = aCandidate(number, { put, otherTags: OTHER_TAGS, authors, commit });
    next = when(next, { kind: "image-found", candidate, by: "registry" });
  }
  return next;
}

/** Everything that somebody who owns the service can do to fill its document. */
export function fillService(): Story {
  let story = given(largeService(WITH_DATA));
  for (const [index, environment] of [...WITH_DATA, ...WITH_DATA].entries()) {
    story = deployedWithData(pushed(story, 50 + index), environment);
  }
  story = when(story, { kind: "service-applied", service: largeService(), by: ANN });
  for (let image = 1; image <= 3; image += 1) {
    story = pushed(story, image);
    for (const environment of ENVIRONMENTS) {
      story = deployed(story, environment);
    }
  }
  for (const [index, environment] of ENVIRONMENTS.entries()) {
    story = deployed(pushed(story, 20 + index), environment);
  }
  for (const environment of ENVIRONMENTS) {
    story = failed(story, environment);
  }
  for (let number = 0; number < HOLDS_MAX; number += 1) {
    story = held(story, aHold(number));
  }
  for (let image = 100; image < 110; image += 1) {
    story = pushed(story, image);
    for (const environment of ENVIRONMENTS) {
      const release = story.state.newest;
      story = when(story, asked(environment, { release, reason: REASON }));
    }
  }
  return besieged(story);
}

/** What others say and do comes on top of what the service's own people asked for. */
function besieged(before: Story): Story {
  let story = ignored(before);
  for (const environment of ENVIRONMENTS) {
    const open = Array.from({ length: 200 }, (_, index) => ({
      id: `incident-${index}`,
      policy: "p".repeat(2000),
      severity: "CRITICAL" as const,
      openedAt: story.now,
    }));
    const id = environmentId(environment);
    const [image, by] = ["x".repeat(2000), "y".repeat(2000)];
    story = when(story, { kind: "incidents-observed", environment: id, open });
    story = when(story, { kind: "running-observed", environment: id, image, by });
    story = foreign(story, environment);
  }
  return verified(story);
}

/**
 * The size of the service's document as Firestore counts it, with its name and what comes with the state. Nothing that
 * the open promotions asked for could be done yet, and old backups wait to be removed.
 */
export function documentSize(story: Story): number {
  const NAME_BYTES = 32 + 32;
  const { state } = story;
  const aggregate = { ...newAggregate(state.service), state, outbox: outboxOf(story) };
  return sizeOf(JSON.parse(JSON.stringify(toServiceDocument(aggregate)))) + NAME_BYTES;
}

/** All that open promotions asked for, with more removals of old backups than may be pending. */
export function outboxOf({ state, effects, now }: Story): ReturnType<typeof enqueue> {
  const open = new Set(openPromotions(state).map(({ id }) => id));
  const wanted = effects.filter(({ promotion }) => open.has(promotion));
  const removals = Array.from({ length: 1000 }, (_, index): Effect => {
    const source = { kind: "gke", plan: PLAN } as const;
    const backup = `old-${index}`;
    const promotion = asPromotionId("r-1-to-prod-0001");
    return { kind: "remove-backup", promotion, backup, source, name: "n".repeat(60) };
  });
  return enqueue(enqueue([], wanted, now), removals, now);
}
