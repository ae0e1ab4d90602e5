import { fact } from "../audit-record.ts";
import { perform, putPromotion, record } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import { endPromotion } from "../change/end.ts";
import type { ServiceEvent } from "../event.ts";
import { isBlocking, isFresh } from "../gates/incident.ts";
import type { Incident } from "../incident.ts";
import type { ProbeView } from "../probe.ts";
import { isAt, isForward, stepOf, withStep } from "../promotion.ts";
import type { Release } from "../release.ts";
import { namesRelease } from "../reported-version.ts";
import { environmentState } from "../state.ts";
import { after, duration, minutes, timeText } from "../time.ts";
import type { Instant } from "../time.ts";
import { giveBack } from "./give-back.ts";
import { advance } from "./steer.ts";
import { beginStep, finishStep, runOf, say, STEP_MAX } from "./run.ts";
import type { Run } from "./run.ts";

type ProbeObserved = Extract<ServiceEvent, { kind: "probe-observed" }>;

/** How often in a row a release that bakes, or is in a canary phase, may fail a probe before it is given back. */
export const PROBE_FAILURES_MAX = 2;

/**
 * How long a step waits while nobody can tell whether the release is healthy: long enough for on-call to let Slipway
 * in. Then the promotion fails, and the release stays as it is.
 */
export const UNTOLD_MAX = minutes(60);

/** The step `verify`: the service must answer that it is healthy, and report the release. */
export function beginVerify(change: Change, run: Run): Change {
  const { promotion, environment } = run;
  const begun = beginStep(change, { ...promotion, probeFailures: 0 }, "verify");
  return perform(begun, { kind: "probe", promotion: promotion.id, environment, times: 1 });
}

/** The step `bake`: the release must go on proving itself for as long as the policy asks. */
export function beginBake(change: Change, run: Run): Change {
  return beginStep(change, { ...run.promotion, probeFailures: 0 }, "bake");
}

/** The running release was asked how it is. */
export function onProbeObserved(change: Change, event: ProbeObserved): Change {
  const run = runOf(change, event.promotion);
  if (run === null) {
    return change;
  }
  if (isAt(run.promotion, "verify")) {
    return onVerifying(change, run, event);
  }
  if (isAt(run.promotion, "bake")) {
    return onBaking(change, run, event);
  }
  return isAt(run.promotion, "rollout") && run.promotion.nextPhase !== null
    ? onPhaseProbed(change, run, event.probe)
    : change;
}

/**
 * A probe during `verify`. A service may need a moment after its rollout, so it is asked until the step's time is up.
 */
function onVerifying(change: Change, run: Run, { probe, areTagsRead }: ProbeObserved): Change {
  const { promotion, release } = run;
  if (isProved(probe, release)) {
    return finishStep(change, promotion, { name: "verify", message: probe.detail });
  }
  const began = stepOf(promotion, "verify")?.startedAt ?? change.now;
  const until = after(began, UNTOLD_MAX);
  if (probe.isBlocked) {
    return waitUntold(change, run, { why: probe.detail, name: "verify", until });
  }
  const why = complaint(probe, release);
  if (change.now < after(began, STEP_MAX.verify)) {
    return say(change, promotion, { name: "verify", message: `not yet: ${why}` });
  }
  return isUnknown(probe, areTagsRead)
    ? waitUntold(change, run, { why: `${why}; ${TAGS_UNREAD}`, name: "verify", until })
    : giveBack(change, run, why);
}

function isProved(probe: ProbeView, release: Release): boolean {
  return !probe.isBlocked && probe.isHealthy && reports(probe, release);
}

/** Whether the service is well under a version of which nobody knows whether it is a tag of the image. */
function isUnknown({ isHealthy, version }: ProbeView, areTagsRead: boolean): boolean {
  return isHealthy && version !== null && !areTagsRead;
}

const TAGS_UNREAD = "the image's other tags have not been read from the registry";

type Untold = {
  readonly why: string;
  readonly name: "verify" | "bake";
  readonly until: Instant;
};

/** Lets the step wait, and say until when, while nobody can tell whether the release is healthy. */
function waitUntold(change: Change, run: Run, { why, name, until }: Untold): Change {
  if (change.now >= until) {
    return leaveUntold(change, run, why);
  }
  const message = `Slipway cannot tell whether the release is healthy, and asks again until ${timeText(until)}; then the promotion fails and the release stays. What it saw: ${why}`;
  return say(change, run.promotion, { name, message });
}

/** Ends a promotion whose release nobody could ask: it fails, and the release stays, neither marked bad nor proved. */
function leaveUntold(change: Change, { promotion }: Run, why: string): Change {
  const message = `Slipway could not tell whether the release is healthy, so the release stays as it is. Let Slipway in or set verify.url, then promote again. What it saw: ${why}`;
  return endPromotion(change, promotion, { state: "FAILED", message, by: "slipway" });
}

function onBaking(change: Change, run: Run, { probe, areTagsRead }: ProbeObserved): Change {
  const { promotion, release } = run;
  const why = complaint(probe, release);
  const until = after(bakedAt(change, run), UNTOLD_MAX);
  if (probe.isBlocked) {
    return waitUntold(change, run, { why, name: "bake", until });
  }
  if (!isProved(probe, release)) {
    return isUnknown(probe, areTagsRead)
      ? waitUntold(change, run, { why: `${why}; ${TAGS_UNREAD}`, name: "bake", until })
      : countFailure(change, run, why);
  }
  const cleared =
    promotion.probeFailures === 0
      ? change
      : putPromotion(change, { ...promotion, probeFailures: 0 });
  return settleBake(cleared, { ...run, promotion: { ...promotion, probeFailures: 0 } });
}

/** Ends a bake whose time is up, once the incidents were read lately enough. */
function settleBake(change: Change, run: Run): Change {
  const { promotion, environment } = run;
  const { incidents } = environmentState(change.state, environment.id);
  const isWatched = environment.policy.alerts.block.length > 0;
  const isRead = !isWatched || isFresh(incidents, change.now);
  if (change.now < bakedAt(change, run)) {
    return change;
  }
  return isRead
    ? finishStep(change, promotion, { name: "bake", message: null })
    : say(change, promotion, { name: "bake", message: "waits until the incidents have been read" });
}

/** The end of the time for which the policy wants the release to bake. */
function bakedAt(change: Change, { promotion, environment }: Run): Instant {
  const began = stepOf(promotion, "bake")?.startedAt ?? change.now;
  return after(began, environment.policy.verify?.bake ?? duration(0));
}

/** While a release is verified or bakes, an incident that opened since its first traffic counts as its fault. */
export function watchBake(change: Change, run: Run): Change {
  const { environment, promotion } = run;
  if (!isAt(promotion, "bake") && !isAt(promotion, "verify")) {
    return change;
  }
  const { incidents, current } = environmentState(change.state, environment.id);
  const open = incidents.kind === "read" ? incidents.open : [];
  const began = isForward(promotion.kind) ? stepOf(promotion, "rollout")?.startedAt : null;
  const since = began ?? current?.since ?? change.now;
  const culprit = open.find((incident) => isItsFault(incident, run, since));
  return culprit === undefined
    ? change
    : giveBack(
        change,
        run,
        `incident ${culprit.id} (${culprit.severity}, ${culprit.policy}) opened`,
      );
}

function isItsFault(incident: Incident, { environment }: Run, since: Instant): boolean {
  return (
    incident.openedAt >= since && isBlocking(environment.policy.alerts.block, incident.severity)
  );
}

/** A probe during a canary phase. Old and new release both answer, so only health counts, and not the version. */
function onPhaseProbed(change: Change, run: Run, probe: ProbeView): Change {
  const phase = run.promotion.nextPhase;
  if (phase === null) {
    return change;
  }
  if (probe.isBlocked) {
    const { deadline } = run.promotion;
    const until =
      deadline === null ? "" : ` until ${timeText(deadline)}; then the rollout is cancelled`;
    const message = `phase ${phase} waits, because Slipway cannot tell whether the release is healthy. It asks again${until}. What it saw: ${probe.detail}`;
    return say(change, run.promotion, { name: "rollout", message });
  }
  return probe.isHealthy ? advance(change, run, phase) : countFailure(change, run, probe.detail);
}

function countFailure(change: Change, run: Run, why: string): Change {
  const { promotion } = run;
  const probeFailures = promotion.probeFailures + 1;
  if (probeFailures >= PROBE_FAILURES_MAX) {
    return giveBack(change, run, why);
  }
  const name = isAt(promotion, "bake") ? "bake" : "rollout";
  const counted = withStep({ ...promotion, probeFailures }, name, { message: `not well: ${why}` });
  return record(
    putPromotion(change, counted),
    fact("promotion.waiting", "slipway", {
      environment: promotion.environment,
      release: promotion.release,
      promotion: promotion.id,
      reason: why,
    }),
  );
}

function reports({ version }: ProbeView, release: Release): boolean {
  return version !== null && namesRelease(version, release);
}

function complaint(probe: ProbeView, release: Release): string {
  return !probe.isBlocked && probe.isHealthy && !reports(probe, release)
    ? `the service reports ${probe.version ?? "no version"}, not ${release.tag ?? release.digest}`
    : probe.detail;
}
