import { googleError } from "../kit/google-error.ts";
import { kindOf } from "./condition-rules.ts";
import { toMs } from "./duration.ts";
import { invalidField } from "./names.ts";
import type { AlertPolicy, AlertStrategy } from "./resources.ts";

const MINUTE_MS = 60_000;
const AUTO_CLOSE_MS_MIN = 30 * MINUTE_MS;

/** Whether a policy is about logs and not about metrics. */
export function isLogBased({ conditions = [] }: AlertPolicy): boolean {
  return conditions.some((condition) => kindOf(condition) === "conditionMatchedLog");
}

/**
 * Checks how a policy tells its channels.
 * Source: google/monitoring/v3/alert.proto, AlertPolicy.AlertStrategy
 * @throws GoogleError INVALID_ARGUMENT, UNIMPLEMENTED
 */
export function checkStrategy(policy: AlertPolicy): void {
  const { alertStrategy: strategy = {} } = policy;
  if (toMs(strategy.autoClose ?? "1800s") < AUTO_CLOSE_MS_MIN) {
    throw invalidField(
      "alertStrategy.autoClose",
      strategy.autoClose,
      "the autoclose duration should be at least 30 minutes",
    );
  }
  checkRateLimit(strategy, isLogBased(policy));
  checkPrompts(strategy, isLogBased(policy));
  if ((strategy.notificationChannelStrategy ?? []).length > 0) {
    throw googleError("UNIMPLEMENTED", "The emulator does not implement reminders of channels.");
  }
}

function checkRateLimit({ notificationRateLimit }: AlertStrategy, isAboutLogs: boolean): void {
  const field = "alertStrategy.notificationRateLimit";
  if (!isAboutLogs && notificationRateLimit !== undefined) {
    throw invalidField(
      field,
      notificationRateLimit,
      "only log-based alert policies may specify a notification rate limit",
    );
  }
  if (isAboutLogs && toMs(notificationRateLimit?.period ?? "0s") <= 0) {
    throw invalidField(
      field,
      notificationRateLimit,
      "log-based alert policies must specify a notification rate limit",
    );
  }
}

function checkPrompts({ notificationPrompts = [] }: AlertStrategy, isAboutLogs: boolean): void {
  const allowed = isAboutLogs ? ["OPENED"] : ["OPENED", "CLOSED"];
  const isBad =
    notificationPrompts.some((prompt) => !allowed.includes(prompt)) ||
    (notificationPrompts.length > 0 && !notificationPrompts.includes("OPENED"));
  if (isBad) {
    throw invalidField(
      "alertStrategy.notificationPrompts",
      notificationPrompts.join(", "),
      isAboutLogs
        ? "log-based alert policies only notify when an incident is opened"
        : "it must be [OPENED] or [OPENED, CLOSED]",
    );
  }
}
