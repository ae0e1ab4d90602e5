import { expect, test } from "vitest";
import { withBoundedTexts } from "../../shared/app/bounded-event.ts";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import { asPromotionId, asReleaseId, environmentId, holdId } from "../../shared/domain/ids.ts";
import { aCandidate, aReleaseOf, aService, START } from "../support/builders.ts";
import { aPromotion } from "../support/contracts/samples.ts";

const WEB = aService();
const BY = "user:ann@example.com";
const DEV = environmentId("dev");
const RELEASE = aReleaseOf(WEB, aCandidate(1));
const ID = asPromotionId("r-1-to-dev-0001");
const SOURCE = { kind: "gke", plan: "plan" } as const;
const ROLLOUT = {
  id: "rollout",
  release: "release",
  target: "target",
  state: "FAILED",
  rawState: "FAILED",
  failure: "it broke",
  nextPhase: "stable",
  description: "said",
  createdAt: START,
  endedAt: null,
} as const;
const BACKUP = {
  id: "b",
  environment: DEV,
  promotion: ID,
  release: RELEASE.id,
  source: SOURCE,
  floor: { kind: "none" },
  name: "name",
  state: "FAILED",
  startedAt: START,
  finishedAt: null,
  message: "full",
} as const;
const EFFECT = { kind: "find-databases", promotion: ID, project: "project" } as const;

/** One event of every kind: a new kind does not compile without one. */
const EVENTS: { readonly [Kind in ServiceEvent["kind"]]: Extract<ServiceEvent, { kind: Kind }> } = {
  "service-applied": { kind: "service-applied", service: WEB, by: BY },
  "service-removed": { kind: "service-removed", by: BY, reason: "reason" },
  "image-found": { kind: "image-found", candidate: aCandidate(1, { authors: ["a@b"] }), by: BY },
  "image-refused": {
    kind: "image-refused",
    digest: "digest",
    tag: "tag",
    reason: "reason",
    otherTags: ["tag"],
  },
  "channels-observed": {
    kind: "channels-observed",
    troubled: [{ channel: "channel", since: START, reason: "reason" }],
  },
  "promotion-requested": {
    kind: "promotion-requested",
    environment: DEV,
    release: RELEASE.id,
    by: BY,
    reason: "reason",
    breakGlass: { by: BY, reason: "reason", gates: ["hold"] },
    wait: true,
  },
  "retry-requested": { kind: "retry-requested", promotion: aPromotion(RELEASE, 1), by: BY },
  "rollback-requested": {
    kind: "rollback-requested",
    environment: DEV,
    release: RELEASE.id,
    by: BY,
    reason: "reason",
    restoreData: false,
    hold: holdId("hold-1"),
    asOncall: false,
    hasImage: true,
  },
  "restore-requested": {
    kind: "restore-requested",
    environment: DEV,
    points: [],
    by: BY,
    reason: "reason",
  },
  "approval-given": { kind: "approval-given", promotion: ID, by: BY, comment: "comment" },
  "rejection-given": { kind: "rejection-given", promotion: ID, by: BY, reason: "reason" },
  "cancellation-requested": {
    kind: "cancellation-requested",
    promotion: ID,
    by: BY,
    reason: "reason",
  },
  "contract-requested": { kind: "contract-requested", environment: DEV, by: BY },
  "release-marked": {
    kind: "release-marked",
    release: RELEASE.id,
    isBad: true,
    by: BY,
    asOncall: false,
    reason: "reason",
  },
  "hold-placed": {
    kind: "hold-placed",
    hold: {
      id: holdId("hold-1"),
      scope: { kind: "all" },
      reason: "reason",
      by: BY,
      asOncall: false,
      createdAt: START,
      until: null,
    },
  },
  "hold-lifted": { kind: "hold-lifted", hold: holdId("hold-1"), by: BY, asOncall: false },
  tick: { kind: "tick" },
  "day-began": { kind: "day-began" },
  "rollout-observed": { kind: "rollout-observed", rollout: ROLLOUT },
  "running-observed": { kind: "running-observed", environment: DEV, image: "image", by: BY },
  "foreign-rollout-observed": {
    kind: "foreign-rollout-observed",
    environment: DEV,
    rollout: ROLLOUT,
  },
  "databases-found": {
    kind: "databases-found",
    promotion: ID,
    project: "project",
    instances: ["instance"],
  },
  "backup-observed": {
    kind: "backup-observed",
    promotion: ID,
    backup: "b",
    name: "name",
    state: "FAILED",
    finishedAt: null,
    message: "full",
  },
  "registry-looked": { kind: "registry-looked", upTo: "moment" },
  "old-backups-found": { kind: "old-backups-found", environment: DEV, backups: [BACKUP] },
  "execution-observed": {
    kind: "execution-observed",
    promotion: ID,
    execution: { name: "name", state: "FAILED", message: "it broke" },
  },
  "restore-observed": {
    kind: "restore-observed",
    promotion: ID,
    backup: "b",
    restore: "restore",
    state: "FAILED",
    message: "it broke",
  },
  "probe-observed": {
    kind: "probe-observed",
    promotion: ID,
    probe: { isHealthy: false, version: "v", isBlocked: false, detail: "detail" },
    areTagsRead: false,
  },
  "incidents-observed": {
    kind: "incidents-observed",
    environment: DEV,
    open: [{ id: "i", policy: "policy", severity: "CRITICAL", openedAt: START }],
  },
  "incidents-unreadable": { kind: "incidents-unreadable", environment: DEV, reason: "reason" },
  "provenance-observed": {
    kind: "provenance-observed",
    release: RELEASE.id,
    reading: { trust: "trust", verdict: { kind: "unverified", reason: "reason" } },
  },
  "tags-observed": { kind: "tags-observed", release: asReleaseId("r-1"), tags: ["tag"] },
  "image-gone": { kind: "image-gone", release: asReleaseId("r-1") },
  "effect-done": { kind: "effect-done", effect: EFFECT },
  "effect-failed": { kind: "effect-failed", effect: EFFECT, status: "s", message: "message" },
};

/** What somebody may have sent in the place of every text: half a character at the start, and no end. */
const HOSTILE = `\ud800${"x".repeat(10_000)}`;
const KEPT_LENGTH_MAX = 2000;

/** What is our own: applied specifications and effects were bounded where they came in, or made here. */
const OWN: ReadonlySet<ServiceEvent["kind"]> = new Set(["service-applied", "effect-done"]);

/** The same value with another text in every place but the one that says of what kind it is. */
function everywhere(value: unknown, text: string): unknown {
  if (typeof value === "string") {
    return text;
  }
  if (Array.isArray(value)) {
    return value.map((part) => everywhere(part, text));
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(
        Object.entries(value).map(([name, part]) => [
          name,
          name === "kind" ? part : everywhere(part, text),
        ]),
      )
    : value;
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === "string") {
    return [value];
  }
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

function isEvent(value: unknown): value is ServiceEvent {
  return typeof value === "object" && value !== null && "kind" in value;
}

test.each(Object.values(EVENTS).map((event) => [event.kind, event] as const))(
  "every text of %s is well-formed and bounded before it is decided on",
  (kind, event) => {
    const hostile = everywhere(event, HOSTILE);
    if (!isEvent(hostile)) {
      throw new Error("an event stays one");
    }
    const bounded = withBoundedTexts(hostile);
    expect(withBoundedTexts(event)).toEqual(event);
    const own = kind === "effect-failed" ? { ...bounded, effect: null } : bounded;
    const bad = textsOf(own).filter(
      (text) => !text.isWellFormed() || text.length > KEPT_LENGTH_MAX,
    );
    // What is our own stays as it is, whatever it says.
    expect(OWN.has(kind) ? bounded === hostile : bad.length === 0).toBe(true);
  },
);
