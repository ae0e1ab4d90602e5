import { isSpent } from "../domain/control.ts";
import type { UnaskedEvent } from "../domain/control.ts";
import { after, minutes } from "../domain/time.ts";
import type { DecidingPorts, Ports } from "../ports/ports.ts";
import { tellControl } from "./handle-control.ts";

/** For how long this process only counts what nobody is told of any more, before it stores the number. */
const COUNT_LENGTH = minutes(1);

/**
 * Tells of what nobody asked for: a message that cannot be read, an image that no service has. Once so many of a kind
 * were told of in an hour the others are counted in this process, and the number is stored once a minute at most:
 * whoever sends a thousand messages a second causes no write for each.
 */
export async function tellUnasked(
  ports: DecidingPorts & Pick<Ports, "tally">,
  event: UnaskedEvent,
): Promise<void> {
  const { tally, clock } = ports;
  const now = clock.now();
  const counted = tally.get(event.kind);
  if (counted !== undefined && counted.until > now) {
    tally.set(event.kind, { ...counted, count: counted.count + 1 });
    return;
  }
  tally.delete(event.kind);
  const besides = event.besides + (counted?.count ?? 0);
  const told = await tellControl(ports, { ...event, besides });
  if (told.kind === "told" && isSpent(told.state, event.kind)) {
    tally.set(event.kind, { until: after(now, COUNT_LENGTH), count: 0 });
  }
}
