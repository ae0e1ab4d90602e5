import { badRequest } from "../kit/google-error.ts";
import { checkCondition, kindOf } from "./condition-rules.ts";
import { checkDocumentation } from "./documentation-rules.ts";
import { checkUserLabels } from "./label-rules.ts";
import { invalidField } from "./names.ts";
import type { AlertPolicy } from "./resources.ts";
import { checkStrategy } from "./strategy-rules.ts";

const NAME_MAX = 512;
const CONDITIONS_MAX = 6;
/** Source: https://cloud.google.com/monitoring/quotas#alerting_uptime_limits */
const CHANNELS_MAX = 16;

/** Conditions that must be the only one of their policy, and what they are called. */
const LONELY: Readonly<Record<string, string>> = {
  conditionMatchedLog: "log matching",
  conditionMonitoringQueryLanguage: "Monitoring Query Language",
};

/**
 * Checks a policy as it is to be stored. That its channels exist is for the caller to check.
 * Source: google/monitoring/v3/alert.proto; the words of some refusals were seen in public reports,
 * such as https://github.com/nomadkaraoke/karaoke-gen/pull/788
 * @throws GoogleError INVALID_ARGUMENT naming the field at fault.
 */
export function checkPolicy(policy: AlertPolicy): void {
  const { displayName = "", notificationChannels = [] } = policy;
  const length = Array.from(displayName).length;
  if (length === 0 || length > NAME_MAX) {
    throw invalidField("display_name", displayName, `it has 1 to ${NAME_MAX} characters`);
  }
  if (notificationChannels.length > CHANNELS_MAX) {
    throw invalidField(
      "notification_channels",
      notificationChannels.length,
      `a policy has at most ${CHANNELS_MAX} notification channels`,
    );
  }
  checkUserLabels(policy.userLabels);
  checkConditions(policy);
  checkDocumentation(policy.documentation ?? {});
  checkStrategy(policy);
}

function checkConditions({ conditions = [], combiner = "" }: AlertPolicy): void {
  if (conditions.length === 0 || conditions.length > CONDITIONS_MAX) {
    throw invalidField(
      "conditions",
      conditions.length,
      `a policy can have from one to ${CONDITIONS_MAX} conditions`,
    );
  }
  conditions.forEach((condition, index) => checkCondition(`conditions[${index}]`, condition));
  const lonely = conditions
    .map((one) => LONELY[kindOf(one) ?? ""])
    .find((one) => one !== undefined);
  if (conditions.length > 1 && lonely !== undefined) {
    throw badRequest(
      "conditions",
      `Alert policies with a ${lonely} condition can only have a single condition.`,
    );
  }
  const hasQuery = conditions[0]?.conditionMonitoringQueryLanguage !== undefined;
  if (combiner === "" && !hasQuery) {
    throw invalidField("combiner", "COMBINE_UNSPECIFIED", "it says how conditions are combined");
  }
}
