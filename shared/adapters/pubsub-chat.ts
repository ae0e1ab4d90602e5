import { toHandedOverText } from "../wire/slack/handed-over.ts";
import type { HandedOver } from "../wire/slack/handed-over.ts";
import type { Publish } from "./pubsub-publisher.ts";

/** The topic by which a request from chat is handed over to whoever has time for it. */
const CHAT_TOPIC = "slipway-chat";

/** Hands a request over. It comes at least once. @throws TransientError or PermanentError */
export type HandOver = (request: HandedOver) => Promise<void>;

/** Hands requests over by a Pub/Sub topic. */
export function pubsubChat(publish: Publish): HandOver {
  return async (request) => publish(CHAT_TOPIC, [{ data: Buffer.from(toHandedOverText(request)) }]);
}
