import { fact } from "../audit-record.ts";
import { putEnvironment, record } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import type { EnvironmentId } from "../ids.ts";
import { endSoak } from "../soak.ts";
import { environmentState } from "../state.ts";
import type { Deployment } from "../state.ts";

/** What runs was read afresh. If it is not what is recorded, the environment has drifted. */
export function onRunningObserved(
  change: Change,
  environment: EnvironmentId,
  image: string,
): Change {
  const { active, current, drift } = environmentState(change.state, environment);
  if (active !== null || current === null) {
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
    drift: { running: image, since: change.now },
  });
  return record(
    next,
    fact("drift.detected", "slipway", {
      environment,
      release: current.release,
      reason: `${environment} runs ${image}, not the recorded ${current.image}`,
      details: { running: image, recorded: current.image },
    }),
  );
}

function resolve(change: Change, environment: EnvironmentId, current: Deployment): Change {
  return record(
    putEnvironment(change, environment, {
      drift: null,
      current: { ...current, steadySince: change.now },
    }),
    fact("drift.resolved", "slipway", { environment }),
  );
}
