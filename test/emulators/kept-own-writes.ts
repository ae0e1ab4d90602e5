import { z } from "zod";
import { createHash } from "node:crypto";
import { contentOf, json, JSON_TYPE, type KeptWrites, PLACE, send } from "./kept-send.ts";

/** An image, by its tag. */
export const IMAGES: KeptWrites = { write: pushImage, holds: pullImage };
/** What functions are made of. */
export const ARCHIVES: KeptWrites = { write: uploadArchive, holds: downloadArchive };
/** Tokens, which verify with the keys that there were at first. */
export const TOKENS: KeptWrites = { write: mintToken, holds: verifies() };
/** Messages that nobody acknowledges. */
export const MESSAGES: KeptWrites = {
  prepare: makeSubscription,
  write: publish,
  holds: isWaiting,
};
/** Bindings of one policy, which one caller at a time changes. */
export const BINDINGS: KeptWrites = { callers: 1, write: bind, holds: isBound };
/** APIs that are switched off. */
export const APIS: KeptWrites = { write: disable, holds: isDisabled };
/** Objects of a bucket. */
export const OBJECTS: KeptWrites = { prepare: makeBucket, write: putObject, holds: hasObject };
/** What was said of commits. */
export const COMMIT_STATUSES: KeptWrites = { write: tellCommit, holds: isTold };
/** What the app says in a channel. */
export const SAYINGS: KeptWrites = { write: say, holds: isSaid };

const IMAGE = "v2/acme/apps/web";

function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

async function pushImage(url: string, number: number): Promise<boolean> {
  const config = JSON.stringify({ config: { Labels: { content: contentOf(number) } } });
  const digest = digestOf(config);
  const octets = { "content-type": "application/octet-stream" };
  const at = `${url}/${IMAGE}/blobs/uploads/?digest=${digest}`;
  await send(at, { method: "POST", headers: octets, body: config });
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: {
      mediaType: "application/vnd.oci.image.config.v1+json",
      digest,
      size: config.length,
    },
    layers: [],
  });
  await send(`${url}/${IMAGE}/manifests/t${number}`, {
    method: "PUT",
    headers: { "content-type": mediaType },
    body: manifest,
  });
  return true;
}

async function pullImage(url: string, number: number): Promise<boolean> {
  const manifest = await fetch(`${url}/${IMAGE}/manifests/t${number}`);
  if (!manifest.ok) {
    return false;
  }
  const text = await manifest.text();
  const [, digest = ""] = /"config":\{[^}]*"digest":"([^"]+)"/.exec(text) ?? [];
  const blob = await fetch(`${url}/${IMAGE}/blobs/${digest}`);
  return (await blob.text()).includes(contentOf(number));
}

const archives = new Map<number, string>();

async function uploadArchive(url: string, number: number): Promise<boolean> {
  const { uploadUrl } = await json<{ uploadUrl: string }>(
    `${url}/v2/${PLACE}/functions:generateUploadUrl`,
    { method: "POST", headers: JSON_TYPE, body: "{}" },
  );
  const headers = { "content-type": "application/zip" };
  await send(uploadUrl, { method: "PUT", headers, body: contentOf(number) });
  archives.set(number, new URL(uploadUrl).pathname);
  return true;
}

async function downloadArchive(url: string, number: number): Promise<boolean> {
  const response = await fetch(`${url}${archives.get(number) ?? "/none"}`);
  return (await response.text()) === contentOf(number);
}

async function mintToken(url: string, number: number): Promise<boolean> {
  const body = JSON.stringify({ email: `a${number}@example.com`, audience: "a" });
  await send(`${url}/token`, { method: "POST", headers: JSON_TYPE, body });
  return true;
}

/** Tokens verify with the keys that there were at first. */
function verifies(): KeptWrites["holds"] {
  let known: string | null = null;
  return async (url) => {
    const keys = await (await fetch(`${url}/certs`)).text();
    known ??= keys;
    return keys === known;
  };
}

const TOPIC = "v1/projects/acme/topics/messages";
const SUBSCRIPTION = "v1/projects/acme/subscriptions/messages";

async function makeSubscription(url: string): Promise<void> {
  const put = { method: "PUT", headers: JSON_TYPE };
  await (await fetch(`${url}/${TOPIC}`, { ...put, body: "{}" })).text();
  const body = JSON.stringify({ topic: "projects/acme/topics/messages", ackDeadlineSeconds: 600 });
  await (await fetch(`${url}/${SUBSCRIPTION}`, { ...put, body })).text();
}

async function publish(url: string, number: number): Promise<boolean> {
  const data = Buffer.from(String(number)).toString("base64");
  const post = { method: "POST", headers: JSON_TYPE };
  const body = JSON.stringify({ messages: [{ data }] });
  await send(`${url}/${TOPIC}:publish`, { ...post, body });
  return true;
}

const received = new Map<string, Set<string>>();

/** The address of a process is its own, so what was pulled there once is remembered under it. */
async function isWaiting(url: string, number: number): Promise<boolean> {
  const pulled = received.get(url) ?? new Set<string>();
  received.set(url, pulled);
  if (pulled.size === 0) {
    const body = JSON.stringify({ maxMessages: 1000 });
    const { receivedMessages = [] } = await json<{
      receivedMessages?: readonly { readonly message: { readonly data: string } }[];
    }>(`${url}/${SUBSCRIPTION}:pull`, { method: "POST", headers: JSON_TYPE, body });
    receivedMessages.forEach(({ message }) => {
      pulled.add(Buffer.from(message.data, "base64").toString());
    });
  }
  return pulled.has(String(number));
}

const PROJECT = "v3/projects/acme";

async function bind(url: string, number: number): Promise<boolean> {
  const post = { method: "POST", headers: JSON_TYPE };
  const policy = await json<{ bindings?: readonly object[] }>(`${url}/${PROJECT}:getIamPolicy`, {
    ...post,
    body: "{}",
  });
  const binding = { role: "roles/viewer", members: [`user:u${number}@example.com`] };
  const bindings = [...(policy.bindings ?? []), binding];
  const body = JSON.stringify({ policy: { ...policy, bindings } });
  await send(`${url}/${PROJECT}:setIamPolicy`, { ...post, body });
  return true;
}

async function isBound(url: string, number: number): Promise<boolean> {
  const init = { method: "POST", headers: JSON_TYPE, body: "{}" };
  const response = await fetch(`${url}/${PROJECT}:getIamPolicy`, init);
  return (await response.text()).includes(`"user:u${number}@example.com"`);
}

type Service = { readonly name: string; readonly state: string };

async function serviceAt(url: string, number: number): Promise<Service | undefined> {
  const { services } = await json<{ services: readonly Service[] }>(
    `${url}/v1/projects/acme/services?pageSize=200`,
  );
  return services.toSorted((one, other) => (one.name < other.name ? -1 : 1))[number];
}

async function disable(url: string, number: number): Promise<boolean> {
  const service = await serviceAt(url, number);
  if (service === undefined) {
    return false;
  }
  const init = { method: "POST", headers: JSON_TYPE, body: "{}" };
  await send(`${url}/v1/${service.name}:disable`, init);
  return true;
}

async function isDisabled(url: string, number: number): Promise<boolean> {
  return (await serviceAt(url, number))?.state === "DISABLED";
}

async function makeBucket(url: string): Promise<void> {
  const init = { method: "POST", headers: JSON_TYPE, body: '{"name":"things"}' };
  await (await fetch(`${url}/storage/v1/b?project=acme`, init)).text();
}

async function putObject(url: string, number: number): Promise<boolean> {
  const at = `${url}/upload/storage/v1/b/things/o?uploadType=media&name=o${number}`;
  await send(at, { method: "POST", body: contentOf(number) });
  return true;
}

async function hasObject(url: string, number: number): Promise<boolean> {
  const response = await fetch(`${url}/storage/v1/b/things/o/o${number}?alt=media`);
  return (await response.text()) === contentOf(number);
}

const SLACK = { "content-type": "application/json", authorization: "Bearer xoxb-local" };

/** Where each message was said: the page shows the newest of a channel, so that each has one of its own. */
const CHANNELS = new Map<number, string>();

const Said = z.object({ ok: z.literal(true), channel: z.string() });

async function say(url: string, number: number): Promise<boolean> {
  const body = JSON.stringify({ channel: `c${number}`, text: `message ${number}.` });
  const init = { method: "POST", headers: SLACK, body };
  const said = Said.parse(await (await send(`${url}/api/chat.postMessage`, init)).json());
  CHANNELS.set(number, said.channel);
  return true;
}

async function isSaid(url: string, number: number): Promise<boolean> {
  const page = await send(`${url}/?channel=${CHANNELS.get(number) ?? ""}`, {});
  const text = await page.text();
  return text.includes(`message ${number}.`);
}

const REPOSITORY = "repos/acme/web";
const SIGNED_IN = { ...JSON_TYPE, authorization: "Bearer ghp_local" };

function commitOf(number: number): string {
  return number.toString(16).padStart(40, "0");
}

async function tellCommit(url: string, number: number): Promise<boolean> {
  const at = `${url}/${REPOSITORY}/statuses/${commitOf(number)}`;
  const body = JSON.stringify({ state: "success", context: `kept ${number}` });
  await send(at, { method: "POST", headers: SIGNED_IN, body });
  return true;
}

async function isTold(url: string, number: number): Promise<boolean> {
  const at = `${url}/${REPOSITORY}/commits/${commitOf(number)}/statuses`;
  const told = await json<readonly { readonly context: string }[]>(at, { headers: SIGNED_IN });
  return told.some(({ context }) => context === `kept ${number}`);
}
