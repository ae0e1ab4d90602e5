import type { Driver } from "../engine/driver.ts";
import { isObject, textOf } from "../resource.ts";
import type { Fields, Resource } from "../resource.ts";
import type { Google } from "./google.ts";
import { idOf, restKind } from "./rest-kind.ts";
import { SHAPES } from "./shapes.ts";

/** What Pub/Sub says of a subscription whose topic was deleted. */
const GONE_TOPIC = "_deleted-topic_";

/**
 * Subscriptions. One that is cut off from its topic can never be joined to it again, so it is made anew. What a pull
 * subscription still has is for a person to read first, and is never thrown away.
 * Source: https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions#Subscription
 */
export function subscriptionKind(google: Google, installation: string): Driver {
  const base = restKind(google, installation, SHAPES.subscription);
  const isUseless = (resource: Resource, found: Fields): boolean =>
    isCutOff(found) && base.owner(resource, found).kind === "ours";
  return {
    ...base,
    read: async (resource) => {
      const found = await base.read(resource);
      return found !== null && isUseless(resource, found) ? null : found;
    },
    create: async (resource) => {
      const found = await base.read(resource);
      if (found !== null && isUseless(resource, found)) {
        await base.remove(resource, found);
      }
      await base.create(resource);
    },
    mend: ({ name, project }, { from }) => {
      const at = `${idOf(name)} --project=${project}`;
      return from === GONE_TOPIC
        ? `read what waits in it (gcloud pubsub subscriptions pull ${at} --limit=100), then gcloud pubsub subscriptions delete ${at}, and apply again`
        : null;
    },
  };
}

/** A detached one has no messages. What a push subscription still has are hints, and the tick makes up for them. */
function isCutOff({ detached, topic, pushConfig }: Fields): boolean {
  const isPush = isObject(pushConfig) && textOf(pushConfig["pushEndpoint"]) !== "";
  return detached === true || (topic === GONE_TOPIC && isPush);
}
