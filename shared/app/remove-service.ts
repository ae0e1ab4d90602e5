import type { Refusal } from "../domain/refusal.ts";
import type { Actor } from "../domain/release.ts";
import { accepted, refused } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import { environmentState } from "../domain/state.ts";
import type { ServiceState } from "../domain/state.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import type { SeenService } from "../ports/store.ts";
import { tryEvents } from "./apply-service.ts";
import { decideOnlySeen } from "./decide-only.ts";

/** A wish to end a service. */
export type Removal = {
  readonly by: Actor;
  readonly reason: string | null;
  /** Whether it is only asked what would happen. */
  readonly isTried: boolean;
};

/**
 * Ends a service: nothing of it is delivered from then on. @returns what remains, each thing in a few words, for
 * whoever removes it; or why it was refused.
 */
export async function removeService(
  ports: DecidingPorts,
  seen: SeenService,
  { by, reason, isTried }: Removal,
): Promise<Result<readonly string[], Refusal>> {
  const { state, outbox } = seen;
  if (outbox.length > 0) {
    const message = `service ${state.service.id} cannot be removed while ${outbox.length} effects are still to be done; try again in a moment`;
    return refused({ kind: "conflict", message });
  }
  const event = { kind: "service-removed" as const, by, reason };
  if (isTried) {
    const refusal = await tryEvents(ports, seen, { service: state.service, events: [event] });
    return refusal === null ? accepted(remainsOf(state)) : refused(refusal);
  }
  const { reply } = await decideOnlySeen(ports, seen, [event]);
  return reply.kind === "refused" ? refused(reply.refusal) : accepted(remainsOf(state));
}

/** What Slipway made, or knows of, and does not remove. */
function remainsOf(state: ServiceState): readonly string[] {
  const { service } = state;
  const pipelines = new Map(service.environments.map(({ pipeline }) => [pipeline.id, pipeline]));
  const running = service.environments.map(({ id, project, region, runService }) => {
    const { current } = environmentState(state, id);
    const what = service.kind === "job" ? "job" : "service";
    const release = current === null ? "" : `, which runs ${current.tag ?? current.release}`;
    return `Cloud Run ${what} projects/${project}/locations/${region}/${what}s/${runService}${release}`;
  });
  const targets = service.environments.map(
    ({ pipeline, target }) =>
      `target projects/${pipeline.project}/locations/${pipeline.location}/targets/${target}`,
  );
  const backups = service.environments.flatMap(({ id }) => {
    const { length } = environmentState(state, id).backups;
    return length === 0 ? [] : [`the backups of ${id}, of which the newest ${length} are known`];
  });
  return [
    ...running,
    ...targets,
    ...[...pipelines.values()].map(
      ({ project, location, id }) =>
        `delivery pipeline projects/${project}/locations/${location}/deliveryPipelines/${id}`,
    ),
    `the archives beside ${service.sourceUri}`,
    ...backups,
    `the record, releases, promotions and timeline of the service`,
  ];
}
