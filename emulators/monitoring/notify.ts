import { toNotification, toTestNotification } from "./notification.ts";
import type { Incident, StoredChannel } from "./resources.ts";
import type { Monitoring } from "./state.ts";

/** Tells channels what an incident is now, and returns it with a note of that. */
export function notify(
  monitoring: Monitoring,
  incident: Incident,
  channels: readonly string[],
): Incident {
  const { state, projects, clock, publisher } = monitoring;
  const data = encode(toNotification(incident, projects.toNumber(incident.project)));
  const nowMs = clock.now();
  const told = Object.fromEntries(channels.map((channel) => [channel, nowMs]));
  const next = { ...incident, notifiedMs: { ...incident.notifiedMs, ...told } };
  state.incidents.set(next.id, next);
  for (const name of channels) {
    const channel = state.channels.get(name);
    if (channel !== undefined && channel.enabled !== false) {
      publisher?.publish(topicOf(channel), { data });
    }
  }
  return next;
}

/** Sends the message that tries a channel out, also when it is disabled. */
export function notifyTest({ publisher }: Monitoring, channel: StoredChannel): void {
  publisher?.publish(topicOf(channel), { data: encode(toTestNotification()) });
}

function topicOf({ labels = {} }: StoredChannel): string {
  return labels["topic"] ?? "";
}

function encode(message: object): Uint8Array {
  return Buffer.from(JSON.stringify(message));
}
