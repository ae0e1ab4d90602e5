import { badRequest, googleError } from "../kit/google-error.ts";
import { checkUserLabels } from "./label-rules.ts";
import { invalidField } from "./names.ts";
import type { Labels, NotificationChannel } from "./resources.ts";

/** The one type of channel that is covered. */
export const PUBSUB = "pubsub";

/** Types that the service has beside it. Source: https://cloud.google.com/monitoring/alerts/using-channels-api */
const OTHER_TYPES: ReadonlySet<string> = new Set([
  "campfire",
  "email",
  "google_chat",
  "hipchat",
  "mobile",
  "pagerduty",
  "slack",
  "sms",
  "webhook_basicauth",
  "webhook_tokenauth",
]);

const NAME_MAX = 512;
const DESCRIPTION_MAX = 1024;
const TOPIC = /^projects\/[^/]+\/topics\/[^/]+$/;

/**
 * Checks a channel as it is to be stored.
 * Source: google/monitoring/v3/notification.proto
 * @throws GoogleError INVALID_ARGUMENT naming the field; UNIMPLEMENTED for a type that is not covered.
 */
export function checkChannel(channel: NotificationChannel): void {
  const { type = "", displayName = "", description = "" } = channel;
  if (OTHER_TYPES.has(type)) {
    throw googleError("UNIMPLEMENTED", `This emulator does not cover channels of type ${type}`);
  }
  if (type !== PUBSUB) {
    throw invalidField("type", type, "it is not the type of a notification channel");
  }
  checkLength("display_name", displayName, NAME_MAX);
  checkLength("description", description, DESCRIPTION_MAX);
  if (channel.verificationStatus !== undefined) {
    throw badRequest("verification_status", "verification_status may not be set.");
  }
  checkLabels(channel.labels ?? {});
  checkUserLabels(channel.userLabels);
}

function checkLabels(labels: Labels): void {
  const stranger = Object.keys(labels).find((label) => label !== "topic");
  if (stranger !== undefined) {
    throw invalidField("labels", stranger, "a channel of type pubsub has only the label topic");
  }
  if (!TOPIC.test(labels["topic"] ?? "")) {
    throw invalidField("labels.topic", labels["topic"], "it must be projects/P/topics/T");
  }
}

function checkLength(field: string, text: string, max: number): void {
  if (Array.from(text).length > max) {
    throw invalidField(field, "…", `it has at most ${max} characters`);
  }
}
