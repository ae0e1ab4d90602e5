import type { ServiceEvent } from "../domain/event.ts";
import type { Digest, EnvironmentId, PromotionId, ReleaseId, ServiceId } from "../domain/ids.ts";
import type { VerifyPolicy } from "../domain/policy.ts";
import type { ProbeView } from "../domain/probe.ts";
import type { ProvenanceTrust, ProvenanceVerdict } from "../domain/provenance.ts";
import type { Environment } from "../domain/service.ts";
import type { OpenIncident } from "../ports/incidents.ts";
import type { Ports } from "../ports/ports.ts";
import { lookAtRunningBesides, outsideReason } from "./running.ts";

/** Looks that answer even when the outside does not: not being able to see is an answer too. */
export const lookAt = { incidents, probe, provenance };

type Watched = { readonly environment: EnvironmentId; readonly project: string };

async function incidents(
  ports: Ports,
  service: ServiceId,
  { environment, project }: Watched,
): Promise<ServiceEvent> {
  try {
    const open = await ports.incidents.listOpen(project);
    const own = open
      .filter((incident) => concerns(incident, service, environment))
      .toSorted((one, other) => Number(isUnnamed(one)) - Number(isUnnamed(other)));
    return {
      kind: "incidents-observed",
      environment,
      open: own.map(({ id, policy, severity, openedAt }) => ({ id, policy, severity, openedAt })),
    };
  } catch (error) {
    return { kind: "incidents-unreadable", environment, reason: outsideReason(error) };
  }
}

/** A policy's labels narrow down whose its incidents are; without them they are everybody's in the project. */
function concerns(incident: OpenIncident, service: ServiceId, environment: EnvironmentId): boolean {
  const isOurs = incident.service === null || incident.service === service;
  return isOurs && (incident.environment === null || incident.environment === environment);
}

/** What is about the service by its policy's label is told before what is open somewhere in the project. */
function isUnnamed({ service }: OpenIncident): boolean {
  return service === null;
}

type Signed = {
  readonly release: ReleaseId;
  readonly repository: string;
  readonly digest: Digest;
  readonly trust: ProvenanceTrust;
};

async function provenance(
  ports: Ports,
  { release, repository, digest, trust }: Signed,
): Promise<ServiceEvent> {
  const verdict = await verifyImage(ports, { repository, digest, trust });
  return { kind: "provenance-observed", release, reading: { trust: trust.id, verdict } };
}

async function verifyImage(
  ports: Ports,
  { repository, digest, trust }: Omit<Signed, "release">,
): Promise<ProvenanceVerdict> {
  try {
    return await ports.provenance.verify({ repository, digest }, trust);
  } catch (error) {
    return { kind: "unreadable", reason: outsideReason(error) };
  }
}

type Probed = { readonly environment: Environment; readonly times: number };

/** How many questions are asked at once. */
const ASKED_AT_ONCE_MAX = 10;

/** Asks so many times, some at once. The first unhealthy answer counts for all of them. */
async function probe(
  ports: Ports,
  promotion: PromotionId,
  { environment, times }: Probed,
): Promise<readonly ServiceEvent[]> {
  const event = await ask(ports, promotion, { environment, times });
  // What is not well may be another than ours: nothing is said against a release that is not what runs.
  const running = event.probe.isHealthy ? [] : await lookAtRunningBesides(ports, environment);
  return [...running, event];
}

async function ask(
  ports: Ports,
  promotion: PromotionId,
  { environment, times }: Probed,
): Promise<Extract<ServiceEvent, { kind: "probe-observed" }>> {
  const { verify } = environment.policy;
  try {
    if (verify === null) {
      const shown = {
        isHealthy: true,
        version: null,
        isBlocked: false,
        detail: "nothing is asked",
      };
      return { kind: "probe-observed", promotion, probe: shown, areTagsRead: false };
    }
    const shown =
      times === 1
        ? await ports.prober.probe(environment, verify)
        : await probeOften(ports, { environment, times }, verify);
    return { kind: "probe-observed", promotion, probe: shown, areTagsRead: false };
  } catch (error) {
    // That it could not be asked says nothing of the service.
    const shown = {
      isHealthy: false,
      version: null,
      isBlocked: true,
      detail: outsideReason(error),
    };
    return { kind: "probe-observed", promotion, probe: shown, areTagsRead: false };
  }
}

/** While two releases answer, both questions are for health: which of them answers is left to chance. */
async function probeOften(
  ports: Ports,
  { environment, times }: Probed,
  verify: VerifyPolicy,
): Promise<ProbeView> {
  const health = { ...verify, version: verify.path };
  for (let asked = 1; asked < times; asked += ASKED_AT_ONCE_MAX) {
    if (ports.deadline.isPast()) {
      return outOfTime(asked - 1, times);
    }
    const atOnce = Math.min(ASKED_AT_ONCE_MAX, times - asked);
    const answers = await Promise.all(
      Array.from({ length: atOnce }, async () => ports.prober.probe(environment, health)),
    );
    const bad = answers.find(({ isHealthy, version }) => !isHealthy || version === null);
    if (bad !== undefined) {
      return { ...bad, isHealthy: false };
    }
  }
  return ports.prober.probe(environment, verify);
}

/** Too few answers prove nothing, and speak against nothing. */
function outOfTime(asked: number, times: number): ProbeView {
  const detail = `${asked} of ${times} answers were good, and then the time was over; Slipway asks again`;
  return { isHealthy: false, version: null, isBlocked: true, detail };
}
