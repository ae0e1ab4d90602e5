import type { ServiceEvent } from "../domain/event.ts";
import { explain } from "../domain/explain/explain.ts";
import type { Explanation } from "../domain/explain/explain.ts";
import { followedRelease } from "../domain/followed.ts";
import type { ReleaseId } from "../domain/ids.ts";
import { isEnded } from "../domain/promotion.ts";
import type { Promotion } from "../domain/promotion.ts";
import type { Actor, Release } from "../domain/release.ts";
import { noRelease } from "../domain/refusal.ts";
import type { Refusal } from "../domain/refusal.ts";
import { accepted, refused } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import type { Environment } from "../domain/service.ts";
import type { ServiceState } from "../domain/state.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import type { SeenService } from "../ports/store.ts";
import { lookIfStale } from "./look-there.ts";
import { withTriedInVain } from "./in-vain.ts";
import { taggedRelease } from "./manual-tag.ts";
import { preview } from "./preview.ts";
import { entryOf } from "../domain/entry-of.ts";

/** How many of a service's newest promotions are looked through for how one ended. */
const PROMOTIONS_SEARCHED = 200;

/** Which release is asked after, where, and by whom. */
export type ExplainRequest = {
  readonly environment: Environment;
  /** Null: the newest; where the environment is deployed from a tag, the image that has it now. */
  readonly release: ReleaseId | null;
  readonly by: Actor;
};

/**
 * Explains how a release stands to an environment, by what is recorded. Incidents that were read long ago count as they
 * were, and somebody is asked to read them again.
 */
export async function explainRelease(
  ports: DecidingPorts,
  seen: SeenService,
  { environment, release: id, by }: ExplainRequest,
): Promise<Result<Explanation, Refusal>> {
  const { service } = seen.state;
  const now = ports.clock.now();
  await lookIfStale(ports, seen.state, environment);
  const { wanted, events } = await chooseRelease(ports, seen, { environment, release: id, by });
  const { state } = await preview(ports, seen, events);
  const release = wanted === null ? null : await findRelease(ports, state, wanted);
  if (wanted !== null && release === null) {
    return refused(noRelease(service.id, wanted));
  }
  const last = release === null ? null : await lastPromotion(ports, release, environment);
  const explanation = explain({ state, environment, release, last, by, now });
  return accepted(withTriedInVain(explanation, seen.outbox, now));
}

type Choice = { readonly wanted: ReleaseId | null; readonly events: readonly ServiceEvent[] };

/** The release that is asked after. An environment with a tag has nothing to do with the newest image, only with its tag's. */
async function chooseRelease(
  ports: DecidingPorts,
  seen: SeenService,
  { environment, release, by }: ExplainRequest,
): Promise<Choice> {
  if (release !== null) {
    return { wanted: release, events: [] };
  }
  switch (environment.deploy.kind) {
    case "rollout":
      return { wanted: seen.state.newest, events: [] };
    case "subscription":
      return { wanted: followedRelease(seen.state, environment.deploy.tag), events: [] };
    case "manual": {
      const tagged = await taggedRelease(ports, seen, { environment, by });
      const found = tagged.ok ? tagged.value : null;
      return { wanted: found?.release ?? null, events: found?.events ?? [] };
    }
  }
}

/** A release of the service: from the state, or from the history. */
export async function findRelease(
  ports: DecidingPorts,
  state: ServiceState,
  id: ReleaseId,
): Promise<Release | null> {
  return entryOf(state.releases, id) ?? (await ports.store.release(state.service.id, id));
}

async function lastPromotion(
  ports: DecidingPorts,
  release: Release,
  environment: Environment,
): Promise<Promotion | null> {
  const page = { pageSize: PROMOTIONS_SEARCHED, pageToken: "" };
  const { items } = await ports.store.promotions(release.service, page);
  const found = items.find(
    (promotion) =>
      promotion.release === release.id &&
      promotion.environment === environment.id &&
      promotion.kind !== "restore" &&
      isEnded(promotion),
  );
  return found ?? null;
}
