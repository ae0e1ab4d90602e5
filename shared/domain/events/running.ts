import { fact } from "../audit-record.ts";
import { putEnvironment, record } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import type { ServiceEvent } from "../event.ts";
import type { EnvironmentId } from "../ids.ts";
import { isAt } from "../promotion.ts";
import { endSoak } from "../soak.ts";
import { environmentState } from "../state.ts";
import type { Deployment } from "../state.ts";
import { shorten } from "../text.ts";

/** How much of the text about what runs is kept, and of the text about who brought it. */
const IMAGE_LENGTH_MAX = 500;

type RunningObserved = Extract<ServiceEvent, { kind: "running-observed" }>;

/**
 * What runs was read afresh. If it is not what is recorded, the environment has drifted. During a rollout of Slipway's
 * own the old and the new release may both run, so it is no drift.
 */
export function onRunningObserved(change: Change, event: RunningObserved): Change {
  const { environment } = event;
  const { image, by } = bounded(event);
  const { active, current, drift } = environmentState(change.state, environment);
  if ((active !== null && isAt(active, "rollout")) || current === null) {
    return change;
  }
  if (image === current.image) {
    return drift === null ? change : resolve(change, environment, current);
  }
  if (drift?.running === image) {
    return change;
  }
  const ended = drift === null ? endSoak(change, environment) : change;
  const next = putEnvironment(ended, environment, {
    drift: { running: image, since: change.now, by },
  });
  return record(
    next,
    fact("drift.detected", "slipway", {
      environment,
      release: current.release,
      reason: `${environment} runs ${image}, not the recorded ${current.image}`,
      details: { running: image, recorded: current.image, ...(by === null ? {} : { by }) },
    }),
  );
}

function bounded({ image, by }: RunningObserved): Pick<RunningObserved, "image" | "by"> {
  const who = by === null ? null : shorten(by, IMAGE_LENGTH_MAX);
  return { image: shorten(image, IMAGE_LENGTH_MAX), by: who };
}

function resolve(change: Change, environment: EnvironmentId, current: Deployment): Change {
  return record(
    putEnvironment(change, environment, {
      drift: null,
      current: { ...current, steadySince: change.now },
    }),
    fact("drift.resolved", "slipway", {
      environment,
      release: current.release,
      reason: `${environment} runs the recorded ${current.image} again`,
    }),
  );
}
