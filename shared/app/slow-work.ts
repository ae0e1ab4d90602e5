import type { EnvironmentId, ServiceId } from "../domain/ids.ts";
import { environmentState } from "../domain/state.ts";
import { after, minutes } from "../domain/time.ts";
import type { Duration, Instant } from "../domain/time.ts";
import type { Ports } from "../ports/ports.ts";
import type { ImageView } from "../ports/registry.ts";
import type { SeenService } from "../ports/store.ts";

/** How long what is due may wait in an outbox before somebody should look. */
const DUE_MAX: Duration = minutes(10);

/** How long a step may run before somebody should look. */
const STEP_MAX: Duration = minutes(60);

/** How late an image may be found before its push counts as lost. */
const DETECTION_MAX: Duration = minutes(5);

/** Fixed messages: the alerts of an installation look for them in the log. */
const MESSAGES = {
  outbox: "outbox is old",
  stuck: "promotion is stuck",
  detection: "image found late",
} as const;

/** Logs what takes too long in a service: what was decided and is not done, and steps that do not end. */
export function logSlowWork(ports: Ports, seen: SeenService): void {
  const { state, outbox } = seen;
  const now = ports.clock.now();
  const service = state.service.id;
  const due = outbox.filter(({ notBefore }) => after(notBefore, DUE_MAX) < now);
  if (due.length > 0) {
    ports.log.error(MESSAGES.outbox, { service, effects: due.length });
  }
  for (const { environment, promotion, step } of slowSteps(seen, now)) {
    ports.log.warn(MESSAGES.stuck, { service, environment, promotion, step });
  }
}

type SlowStep = {
  readonly environment: EnvironmentId;
  readonly promotion: string;
  readonly step: string;
};

function slowSteps({ state }: SeenService, now: Instant): readonly SlowStep[] {
  return state.service.environments.flatMap(({ id }) => {
    const { active } = environmentState(state, id);
    return (active?.steps ?? [])
      .filter(({ state: how, startedAt }) => {
        return how === "RUNNING" && startedAt !== null && after(startedAt, STEP_MAX) < now;
      })
      .map(({ name }) => ({ environment: id, promotion: active?.id ?? "", step: name }));
  });
}

/** Logs that an image was news to the sweep though it changed long ago: its push was lost, or came to nobody. */
export function logLateImage(ports: Ports, service: ServiceId, image: ImageView): void {
  const lateMs = ports.clock.now() - Date.parse(image.updatedAt);
  if (lateMs > DETECTION_MAX) {
    const fields = { service, tag: image.tags[0] ?? null };
    ports.log.warn(MESSAGES.detection, { ...fields, lateSeconds: Math.round(lateMs / 1000) });
  }
}
