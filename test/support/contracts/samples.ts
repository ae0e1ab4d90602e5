import { EMPTY_CHAIN, fact } from "../../../shared/domain/audit-record.ts";
import type { AuditHead, AuditRecord, Fact } from "../../../shared/domain/audit-record.ts";
import type { Backup } from "../../../shared/domain/backup.ts";
import { closed } from "../../../shared/domain/gates/verdict.ts";
import { environmentId, holdId, promotionId, serviceId } from "../../../shared/domain/ids.ts";
import type { PromotionId, ServiceId } from "../../../shared/domain/ids.ts";
import type { Hold, HoldScope } from "../../../shared/domain/hold.ts";
import type { Promotion, PromotionState } from "../../../shared/domain/promotion.ts";
import { imageOf } from "../../../shared/domain/release.ts";
import type { Release } from "../../../shared/domain/release.ts";
import type { Service } from "../../../shared/domain/service.ts";
import { newServiceState } from "../../../shared/domain/state.ts";
import type { Deployment } from "../../../shared/domain/state.ts";
import { newSteps, planSteps } from "../../../shared/domain/steps/plan.ts";
import { instant } from "../../../shared/domain/time.ts";
import { NEW_BOOK } from "../../../shared/domain/numbers/book.ts";
import type { TimelineEntry } from "../../../shared/domain/timeline.ts";
import { canonicalHash } from "../../../shared/adapters/canonical-hash.ts";
import type { HistoryWrites, ServiceAggregate } from "../../../shared/ports/store.ts";
import { aCandidate, aPolicy, aReleaseOf, aService, anEnvironment, START } from "../builders.ts";

/** Nothing to write beside the aggregate. */
export const NO_HISTORY: HistoryWrites = {
  promotions: [],
  releases: [],
  images: [],
  timeline: [],
  backups: [],
  specs: [],
  records: [],
};

/** The service of that id, which asks for everything that a policy can ask for. */
export function aDemandingService(id: string, parts: Partial<Service> = {}): Service {
  const demanding = aPolicy({
    approvals: {
      required: 1,
      from: ["group:sre@example.com"],
      notRequester: true,
      notAuthor: false,
    },
    windows: {
      timeZone: "Europe/Berlin",
      weekly: [{ days: ["Mon", "Tue"], from: "09:00", to: "16:00" }],
      freezes: [{ from: "2026-12-20", to: "2027-01-02", reason: "holidays" }],
    },
    alerts: { block: ["CRITICAL", "ERROR"], warn: ["WARNING"] },
    canary: [10, 12.5],
  });
  const environments = [
    anEnvironment("dev"),
    anEnvironment("prod", { stage: 1, policy: demanding }),
    anEnvironment("demo", { stage: null, deploy: { kind: "subscription", tag: "main" } }),
  ];
  return aService({
    id: serviceId(id),
    environments,
    releaser: "serviceAccount:ci@example.com",
    ...parts,
  });
}

/** A service's aggregate in which nothing has happened. */
export function anAggregate(service: Service): ServiceAggregate {
  const state = newServiceState(service);
  const chain = { head: EMPTY_CHAIN, published: 0 };
  return { state, outbox: [], chain, lease: null, numbers: NEW_BOOK, due: [] };
}

/** The numbered release of a service; a greater number is a newer one. */
export function aRelease(service: Service, number: number, parts: Partial<Release> = {}): Release {
  const made = { at: instant(START + number), by: "slipway" };
  return { ...aReleaseOf(service, aCandidate(number, { commit: "0123456789ab" }), made), ...parts };
}

/** The numbered promotion of a release to dev. */
export function aPromotion(
  release: Release,
  number: number,
  state: PromotionState = "SUCCEEDED",
): Promotion {
  const environment = environmentId("dev");
  const since = instant(START + number);
  return {
    id: promotionId(release.id, environment, number),
    service: release.service,
    environment,
    release: release.id,
    kind: "automatic",
    state,
    requestedBy: "slipway",
    reason: null,
    createdAt: since,
    endedAt: state === "SUCCEEDED" ? since : null,
    steps: newSteps(planSteps(aPolicy(), "automatic", false), since),
    gates: [
      { gate: "order", verdict: { kind: "OPEN" }, since },
      { gate: "hold", verdict: closed("a hold", instant(START + 60_000)), since },
      { gate: "busy", verdict: { kind: "WARNING", reason: "busy" }, since },
    ],
    breakGlass: { by: "user:ann@example.com", reason: "fire", gates: ["window"] },
    approvals: [{ by: "user:bob@example.com", at: since, comment: null, shown: "over nothing" }],
    backups: [aBackup(release, number)],
    execution: { name: "migrate-1", state: "SUCCEEDED", message: null },
    nextPhase: null,
    probeFailures: 0,
    advancedTo: "stable",
    isStopping: false,
    rolloutApproval: "unasked",
    restores: [],
    retry: null,
    deadline: null,
  };
}

/** A backup that the numbered promotion of a release to dev took. */
export function aBackup(release: Release, number: number): Backup {
  const environment = environmentId("dev");
  const promotion = promotionId(release.id, environment, number);
  const since = instant(START + number);
  return {
    id: `${promotion}-b1`,
    environment,
    promotion,
    release: release.id,
    source: { kind: "cloud-sql", project: "web-dev-0a1b", instance: "orders" },
    floor: { kind: "at", release: release.id, order: release.order, since, backups: ["b-1"] },
    name: "projects/web-dev-0a1b/instances/orders/backupRuns/1",
    state: "SUCCEEDED",
    startedAt: since,
    finishedAt: since,
    message: null,
  };
}

/** What a promotion left in dev. */
export function aDeployment(release: Release, promotion: PromotionId, number: number): Deployment {
  const since = instant(START + number);
  return {
    release: release.id,
    promotion,
    image: imageOf(release),
    tag: release.tag,
    kind: "automatic",
    since,
    steadySince: START,
    backups: [`${promotion}-b1`],
  };
}

/** The timeline's entry of a promotion. */
export function anEntry(release: Release, number: number): TimelineEntry {
  const { id, environment } = aPromotion(release, number);
  return { id, environment, deployment: aDeployment(release, id, number), to: null };
}

/** A hold of that scope. */
export function aHold(id: string, scope: HoldScope): Hold {
  const by = "user:ann@example.com";
  return {
    id: holdId(id),
    scope,
    reason: "look first",
    by,
    asOncall: true,
    createdAt: START,
    until: null,
  };
}

const HASH = canonicalHash();

/** Facts as the next records of a chain. */
export function someRecords(
  chain: ServiceId | string,
  head: AuditHead,
  facts: readonly Fact[],
): readonly AuditRecord[] {
  let { sequence, hash } = head;
  return facts.map((told) => {
    sequence += 1;
    const id = `${chain}-${sequence}`;
    const content = { ...told, id, chain, sequence, time: START, previousHash: hash };
    hash = HASH.ofRecord(content);
    return { ...content, hash };
  });
}

/** So many facts of one kind. */
export function someFacts(count: number): readonly Fact[] {
  return Array.from({ length: count }, (_, index) =>
    fact("image.ignored", "slipway", { reason: `number ${index}`, details: { tag: "sha256-0" } }),
  );
}
