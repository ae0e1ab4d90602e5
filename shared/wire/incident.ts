import { z } from "zod";
import { accepted } from "../domain/result.ts";
import { parseJson } from "./envelope.ts";
import type { Message } from "./envelope.ts";
import { unreadable } from "./parsed.ts";
import type { Parsed } from "./parsed.ts";
import { boundedText } from "./text.ts";

/** The version of the messages by which somebody tries a channel out; nothing in them is real. */
const TRIAL = "test";

/**
 * The message of Cloud Monitoring's Pub/Sub channel. Only where to look is read of it: whether the incident
 * is open, how bad it is and whose is asked of Monitoring itself, since messages are lost, late and repeated.
 * The metrics scope that raised it may be another project than the one whose resource is unwell.
 * Source: https://cloud.google.com/monitoring/support/notification-options
 */
const IncidentMessage = z.object({
  version: boundedText(),
  incident: z.object({
    scoping_project_id: boundedText().min(1),
    resource: z
      .object({ labels: z.object({ project_id: boundedText().min(1).optional() }).optional() })
      .nullish(),
  }),
});

/** The projects whose incidents may have changed, each once; none for a message that only tries the channel. */
export type IncidentHint = { readonly projects: readonly string[] };

/** Reads a message of Monitoring's channel. */
export function parseIncident(message: Message): Parsed<IncidentHint> {
  const json = parseJson(message.text);
  if (!json.ok) {
    return json;
  }
  const parsed = IncidentMessage.safeParse(json.value);
  if (!parsed.success) {
    return unreadable(parsed.error);
  }
  const { version, incident } = parsed.data;
  const labelled = incident.resource?.labels?.project_id;
  const named = [incident.scoping_project_id, ...(labelled === undefined ? [] : [labelled])];
  return accepted({ projects: version === TRIAL ? [] : [...new Set(named)] });
}
