import type { ServiceEvent } from "../domain/event.ts";
import type { Digest } from "../domain/ids.ts";
import { runningText } from "../domain/running.ts";
import type { Environment } from "../domain/service.ts";
import { environmentState } from "../domain/state.ts";
import type { ServiceState } from "../domain/state.ts";
import { PermanentError, TransientError } from "../ports/errors.ts";
import type { Ports } from "../ports/ports.ts";

/** What runs in an environment now. @throws TransientError or PermanentError when that cannot be read. */
export async function lookAtRunning(ports: Ports, environment: Environment): Promise<ServiceEvent> {
  const view = await ports.runtime.running(environment);
  const { id } = environment;
  return { kind: "running-observed", environment: id, image: runningText(view), by: view.by };
}

/** The same where it is only looked at besides: what cannot be read is looked at again within the hour. */
export async function lookAtRunningBesides(
  ports: Ports,
  environment: Environment,
): Promise<readonly ServiceEvent[]> {
  try {
    return [await lookAtRunning(ports, environment)];
  } catch (error) {
    ports.log.warn("what runs cannot be read", { cause: outsideReason(error) });
    return [];
  }
}

/**
 * What runs wherever a pushed image is recorded that goes there by itself: only that can say whether the push has
 * nothing to do. @throws TransientError or PermanentError when it cannot be read, so that the push comes again.
 */
export async function lookBeforeEntry(
  ports: Ports,
  state: ServiceState,
  pushed: { readonly digest: Digest; readonly tag: string },
): Promise<readonly ServiceEvent[]> {
  const image = `${state.service.image}@${pushed.digest}`;
  const there = state.service.environments.filter(({ id, stage, deploy }) => {
    const isEntry = deploy.kind === "subscription" ? deploy.tag === pushed.tag : stage === 0;
    return isEntry && environmentState(state, id).current?.image === image;
  });
  return Promise.all(there.map(async (environment) => lookAtRunning(ports, environment)));
}

/** Why the outside could not be read. @throws whatever is no failure of the outside. */
export function outsideReason(error: unknown): string {
  if (error instanceof TransientError || error instanceof PermanentError) {
    return `${error.status}: ${error.message}`;
  }
  throw error;
}
