import { promotionId, releaseId } from "../../shared/domain/ids.ts";
import { instant } from "../../shared/domain/time.ts";
import type { ApiWorld } from "./api-world.ts";
import { aDigest } from "./builders.ts";
import { present } from "./present.ts";
import { simple } from "./rich-services.ts";
import { install } from "./storm.ts";

const MINUTE_MS = 60_000;

/** How many deployments there were in each of two environments. */
const DEPLOYMENTS = 50;

/** How long each was there: together most of a day. */
const STAY_MS = 26 * MINUTE_MS;

/** Adds the service `many` with a hundred deployments in the last day; of their promotions nothing is known. */
export async function addHundred({ memory }: ApiWorld): Promise<void> {
  const { clock, ports, world } = memory;
  const service = simple("many", "Many");
  await install(ports, service);
  for (const [index, { id: environment }] of service.environments.entries()) {
    for (let number = 1; number <= DEPLOYMENTS; number += 1) {
      const release = releaseId(aDigest(number), service.revision);
      const promotion = promotionId(release, environment, number);
      const age = (DEPLOYMENTS + 1 - number) * STAY_MS - index * 9 * MINUTE_MS;
      const since = instant(clock.now() - age);
      const deployment = {
        release,
        promotion,
        since,
        steadySince: since,
        tag: `v${number}`,
        backups: [],
        image: `${service.image}@${aDigest(number)}`,
        kind: number % 9 === 0 ? ("rollback" as const) : ("manual" as const),
      };
      const to = number === DEPLOYMENTS ? null : instant(since + STAY_MS);
      world.store.timeline.set(`many/${promotion}`, { id: promotion, environment, deployment, to });
    }
  }
}

/** Has somebody change the second record of a service. */
export function breakChain({ memory }: ApiWorld, service: string): void {
  const { records } = memory.world.store;
  const [first, second, ...others] = records.get(service) ?? [];
  const changed = { ...present(second, "a second record"), by: "user:mallory@example.com" };
  records.set(service, [present(first, "a first record"), changed, ...others]);
}
