import { after, minutes } from "../domain/time.ts";
import type { Duration } from "../domain/time.ts";
import type { Deadline } from "../ports/deadline.ts";
import type { DecidingPorts } from "../ports/ports.ts";

/**
 * How long one message is worked on. A call that began before may still take its own time: the platform waits
 * 9 minutes for a function, and Pub/Sub 10 before it delivers again.
 * Source: https://cloud.google.com/functions/quotas#time_limits
 */
export const MESSAGE_WORK_MAX: Duration = minutes(4);

/** For work whose time somebody else watches. */
export const NO_DEADLINE: Deadline = { isPast: () => false };

/** The same ports for work that may go on for so long from now, and no longer than it may already. */
export function withDeadline<Outside extends Pick<DecidingPorts, "deadline" | "clock">>(
  ports: Outside,
  length: Duration,
): Outside {
  const { deadline, clock } = ports;
  const end = after(clock.now(), length);
  return { ...ports, deadline: { isPast: () => deadline.isPast() || clock.now() >= end } };
}
