import { z } from "zod";
import { digest } from "../domain/ids.ts";
import type { Digest } from "../domain/ids.ts";
import { accepted, refused } from "../domain/result.ts";
import { parseJson } from "./envelope.ts";
import type { Message } from "./envelope.ts";
import { fixedWidthTime } from "./fixed-width-time.ts";
import { parseImageReference } from "./image-reference.ts";
import type { ImageReference } from "./image-reference.ts";
import { unreadable } from "./parsed.ts";
import type { Parsed } from "./parsed.ts";
import { boundedText } from "./text.ts";

/**
 * The message that Artifact Registry publishes to the topic `gcr`. Both references are full ones;
 * `digest` is missing when only a tag went, `tag` when none was involved.
 * Source: https://cloud.google.com/artifact-registry/docs/configure-notifications
 */
const Notification = z.object({
  action: z.enum(["INSERT", "DELETE"]),
  digest: boundedText().optional(),
  tag: boundedText().optional(),
});

/** An image that was pushed, tagged or deleted. */
export type ImagePushMessage = {
  readonly action: "INSERT" | "DELETE";
  readonly repository: string;
  readonly digest: Digest | null;
  readonly tag: string | null;
  /** When it was published, with nine digits after the second; null when that cannot be read. */
  readonly publishedAt: string | null;
};

/** Reads a message of the topic `gcr`. */
export function parseImagePush(message: Message): Parsed<ImagePushMessage> {
  const json = parseJson(message.text);
  if (!json.ok) {
    return json;
  }
  const parsed = Notification.safeParse(json.value);
  const { publishTime } = message;
  const publishedAt = publishTime === null ? null : fixedWidthTime(publishTime);
  return parsed.success ? toImagePush(parsed.data, publishedAt) : unreadable(parsed.error);
}

function toImagePush(
  notification: z.infer<typeof Notification>,
  publishedAt: string | null,
): Parsed<ImagePushMessage> {
  const references = [notification.digest, notification.tag].flatMap(toReferences);
  const [first] = references;
  if (first === undefined || references.includes(null)) {
    return refused("the message names no image by a digest or a tag that can be read");
  }
  const named = references.filter((reference) => reference !== null);
  const repository = named[0]?.repository ?? "";
  const found = named.find((reference) => reference.digest !== null)?.digest;
  const tag = named.find((reference) => reference.tag !== null)?.tag ?? null;
  const image = found === undefined || found === null ? null : digest(found);
  const { action } = notification;
  return accepted({ action, repository, digest: image, tag, publishedAt });
}

/** The reference of a field that is there: null in it when it cannot be read. */
function toReferences(text: string | undefined): readonly (ImageReference | null)[] {
  return text === undefined ? [] : [parseImageReference(text)];
}
