import { toTimestamp } from "../kit/clock.ts";
import { badRequest } from "../kit/google-error.ts";

/** A published message as it is kept. `data` is base64, empty when there is none. */
export type Message = {
  readonly messageId: string;
  readonly publishedMs: number;
  readonly data: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly orderingKey: string;
};

/** A message as a publisher gives it: google.pubsub.v1.PubsubMessage in JSON. */
export type MessageDraft = Partial<Pick<Message, "data" | "attributes" | "orderingKey">>;

/** A message as a subscriber gets it: google.pubsub.v1.PubsubMessage in JSON. */
export type MessageJson = MessageDraft & {
  readonly messageId: string;
  readonly publishTime: string;
};

const MESSAGES_MAX = 1_000;
const REQUEST_BYTES_MAX = 10_000_000;
const ATTRIBUTES_MAX = 100;
const ATTRIBUTE_KEY_BYTES_MAX = 256;
const ATTRIBUTE_VALUE_BYTES_MAX = 1_024;
const ORDERING_KEY_BYTES_MAX = 1_024;

/**
 * Checks the messages of one publish request against the service's limits.
 * Source: https://cloud.google.com/pubsub/quotas#resource_limits
 * @throws GoogleError INVALID_ARGUMENT naming what is wrong.
 */
export function checkDrafts(drafts: readonly MessageDraft[]): void {
  require(drafts.length > 0 &&
    drafts.length <=
      MESSAGES_MAX, `A request has 1 to ${MESSAGES_MAX} messages, not ${drafts.length}`);
  drafts.forEach(checkDraft);
  const keys = new Set(drafts.map((draft) => draft.orderingKey ?? ""));
  require(keys.size === 1, "All messages of one request must have the same ordering key");
  const bytes = drafts.reduce((sum, draft) => sum + sizeOf(draft), 0);
  require(bytes <= REQUEST_BYTES_MAX, `A request has at most ${REQUEST_BYTES_MAX} bytes`);
}

/** The size that flow control and limits count: data, attributes and ordering key, in bytes. */
export function sizeOf(draft: MessageDraft): number {
  let bytes = Buffer.byteLength(draft.data ?? "", "base64");
  for (const [key, value] of Object.entries(draft.attributes ?? {})) {
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  return bytes + Buffer.byteLength(draft.orderingKey ?? "");
}

/** A message as the API gives it: fields that are empty are left out. */
export function toMessageJson(message: Message): MessageJson {
  const { data, attributes, orderingKey } = message;
  return {
    ...(data === "" ? {} : { data }),
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
    messageId: message.messageId,
    publishTime: toTimestamp(message.publishedMs),
    ...(orderingKey === "" ? {} : { orderingKey }),
  };
}

function checkDraft(draft: MessageDraft): void {
  const attributes = Object.entries(draft.attributes ?? {});
  require((draft.data ?? "") !== "" ||
    attributes.length >
      0, "A message must have data or at least one attribute; one of the request has neither");
  require(attributes.length <=
    ATTRIBUTES_MAX, `A message has at most ${ATTRIBUTES_MAX} attributes`);
  for (const [key, value] of attributes) {
    require(key !== "" &&
      Buffer.byteLength(key) <=
        ATTRIBUTE_KEY_BYTES_MAX, `An attribute's key has 1 to ${ATTRIBUTE_KEY_BYTES_MAX} bytes`);
    require(!key.startsWith("goog"), `An attribute's key must not start with "goog": ${key}`);
    require(Buffer.byteLength(value) <=
      ATTRIBUTE_VALUE_BYTES_MAX, `The value of ${key} has more than ${ATTRIBUTE_VALUE_BYTES_MAX} bytes`);
  }
  require(Buffer.byteLength(draft.orderingKey ?? "") <=
    ORDERING_KEY_BYTES_MAX, `An ordering key has at most ${ORDERING_KEY_BYTES_MAX} bytes`);
}

function require(isRight: boolean, problem: string): void {
  if (!isRight) {
    throw badRequest("messages", problem);
  }
}
