import { PermanentError } from "../../../shared/ports/errors.ts";
import type { Google } from "../kinds/google.ts";
import { isObject, objects, textOf } from "../resource.ts";
import type { Fields } from "../resource.ts";
import type { Platform } from "../settings.ts";
import { NOTICE_FUNCTION } from "../table/functions.ts";
import { functionUrl } from "../table/names.ts";
import { deliveries, subscriptionId } from "../table/topics.ts";
import { failure, warning, well } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** How old the oldest message may be: a channel in trouble has its message come again for ten minutes alone. */
export const NOTICE_AGE_MS_MAX = 30 * 60_000;

/** How far back the age is looked for: it is measured each minute, and seen up to some minutes later. */
const AGE_SEEN_MS = 15 * 60_000;

const APPLY = "slipway install apply";

/**
 * Whether on-notice hears of what is on the record: its subscription is there and pushes to it, and nothing waits in it for
 * long. What it gave up is among the dead letters.
 * Source: https://cloud.google.com/pubsub/docs/monitoring
 */
export async function subscriptionFinding(
  google: Google,
  platform: Platform,
  now: number,
): Promise<Finding> {
  const { project } = platform;
  const id = subscriptionOf(platform);
  const path = `v1/projects/${project}/subscriptions/${id}`;
  const found = await google.find("pubsub", { method: "GET", path });
  const problem = problemOf(found, functionUrl(platform, NOTICE_FUNCTION));
  if (problem !== null) {
    return failure("notices", `the subscription ${id} ${problem}, so nobody is told`, APPLY);
  }
  const seconds = await ageOf(google, { project, id, now });
  return seconds !== null && seconds * 1000 > NOTICE_AGE_MS_MAX
    ? warning(
        "notices",
        `messages have waited for ${Math.floor(seconds / 60)} min in the subscription ${id}`,
        `gcloud functions logs read ${NOTICE_FUNCTION} --gen2 --project=${project} --region=${platform.location}`,
      )
    : well("notices", `the subscription ${id} pushes to ${NOTICE_FUNCTION}${agedText(seconds)}`);
}

function subscriptionOf(platform: Platform): string {
  const delivery = deliveries(platform).find((one) => one.function === NOTICE_FUNCTION);
  return delivery === undefined ? "" : subscriptionId(platform, delivery);
}

/** What keeps a subscription from pushing; null for nothing. Source: https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions#State */
function problemOf(found: Fields | null, url: string): string | null {
  if (found === null) {
    return "is not there";
  }
  const endpoint = isObject(found["pushConfig"]) ? textOf(found["pushConfig"]["pushEndpoint"]) : "";
  if (endpoint !== url) {
    return endpoint === "" ? "pushes nowhere" : `pushes to ${endpoint}`;
  }
  const isCutOff = found["detached"] === true || found["topic"] === "_deleted-topic_";
  return isCutOff ? "is cut off from its topic" : null;
}

function agedText(seconds: number | null): string {
  return seconds === null ? "" : "; nothing waits in it for long";
}

type Measured = { readonly project: string; readonly id: string; readonly now: number };

/** How old the oldest message is that was not taken, in seconds; null where nobody measures it or nothing was there to measure. */
async function ageOf(google: Google, { project, id, now }: Measured): Promise<number | null> {
  const query = {
    filter: `metric.type = "pubsub.googleapis.com/subscription/oldest_unacked_message_age" AND resource.labels.subscription_id = "${id}"`,
    "interval.startTime": new Date(now - AGE_SEEN_MS).toISOString(),
    "interval.endTime": new Date(now).toISOString(),
  };
  try {
    const path = `v3/projects/${project}/timeSeries`;
    const series = await google.list("monitoring", path, { items: "timeSeries", query });
    const [newest] = series.flatMap(({ points }) => objects(points));
    const value = isObject(newest?.["value"]) ? textOf(newest["value"]["int64Value"]) : "";
    return value === "" ? null : Number(value);
  } catch (error) {
    if (error instanceof PermanentError && UNSEEN.has(error.status)) {
      return null;
    }
    throw error;
  }
}

/** The local cloud measures nothing, and whoever looks may not be let see it. */
const UNSEEN: ReadonlySet<string> = new Set(["UNIMPLEMENTED", "PERMISSION_DENIED"]);
