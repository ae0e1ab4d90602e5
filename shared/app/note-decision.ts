import type { CameTo, Decision } from "../domain/decision.ts";
import { shorten } from "../domain/text.ts";

import { PermanentError, TransientError } from "../ports/errors.ts";
import type { Ports } from "../ports/ports.ts";

/** How much is kept of what became of an event. */
const WHY_LENGTH_MAX = 500;

/** How long the id of an event may be. */
const EVENT_ID_LENGTH_MAX = 100;

/** An event as it came, and what became of it. */
export type Came = {
  readonly trigger: string;
  readonly eventId: string;
  readonly outcome: CameTo;
  readonly why: string;
};

/**
 * Keeps what became of an event. An event that comes again takes the place of its first delivery. That it cannot be
 * kept is no failure of what was decided, and is caught here for that reason.
 */
export async function noteDecision(
  { store, clock, log }: Pick<Ports, "store" | "clock" | "log">,
  { trigger, eventId, outcome, why }: Came,
): Promise<void> {
  const known = eventId.replaceAll(/[^\w.-]/g, "_").slice(0, EVENT_ID_LENGTH_MAX);
  const decision: Decision = {
    id: `${trigger}-${known}`,
    at: clock.now(),
    trigger,
    outcome,
    why: shorten(why, WHY_LENGTH_MAX),
  };
  try {
    await store.noteDecision(decision);
  } catch (error) {
    if (error instanceof TransientError || error instanceof PermanentError) {
      log.warn("decision not kept", { status: error.status, cause: error.message });
      return;
    }
    throw error;
  }
}
