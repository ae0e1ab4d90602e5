import { z } from "zod";
import { fromWithin } from "../../emulators/kit/network.ts";
import { LOCAL_EVENTS_ACCOUNT, LOCAL_PROJECT } from "../../infra/local/settings.ts";
import { imageOf } from "./local-spec.ts";
import type { LocalWorld } from "./local-world.ts";

/** What Artifact Registry says of an image. */
export type ImageNotification = {
  readonly action: "INSERT" | "DELETE";
  readonly digest?: string;
  readonly tag?: string;
};

/** The notification of a push of an image with a tag. */
export function pushed(image: string, digest: string, tag: string): ImageNotification {
  const name = imageOf(image);
  return { action: "INSERT", digest: `${name}@${digest}`, tag: `${name}:${tag}` };
}

const Minted = z.object({ id_token: z.string() });

/** A token of somebody for an audience, from the local cloud's issuer. */
export async function tokenFor(
  { file }: Pick<LocalWorld, "file">,
  request: { readonly email: string; readonly audience: string },
): Promise<string> {
  const answer = await fetch(`${file.endpoints["identity"] ?? ""}/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
  return Minted.parse(await answer.json()).id_token;
}

/** Posts a message to a function as Eventarc does, with any body, and gives the answer. */
export async function postEvent(
  world: Pick<LocalWorld, "file">,
  { name, id }: { readonly name: string; readonly id: string },
  body: string,
): Promise<{ readonly status: number; readonly body: string }> {
  const url = world.file.functions[name] ?? "";
  const token = await tokenFor(world, { email: LOCAL_EVENTS_ACCOUNT, audience: url });
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "ce-id": id,
      "ce-source": `//pubsub.googleapis.com/projects/${LOCAL_PROJECT}/topics/gcr`,
      "ce-specversion": "1.0",
      "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
      "content-type": "application/json",
      authorization: `Bearer ${token}`,
      ...fromWithin(LOCAL_PROJECT),
    },
    body,
  });
  return { status: response.status, body: await response.text() };
}

/** The body of a Pub/Sub delivery with this as its data, and with when it says that it was published. */
export function deliveryOf(id: string, data: object | string, publishTime?: string): string {
  const text = typeof data === "string" ? data : JSON.stringify(data);
  const base64 = Buffer.from(text).toString("base64");
  const message = { data: base64, messageId: id, attributes: {}, publishTime };
  return JSON.stringify({ message, subscription: `projects/${LOCAL_PROJECT}/subscriptions/test` });
}
