import { fork } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FUNCTION_NAMES } from "../../functions/names.ts";
import type { HostRequest } from "../../infra/local/function-messages.ts";
import { choosePorts } from "../../infra/local/ports.ts";
import { LOCAL_EVENTS_ACCOUNT, LOCAL_PEOPLE, LOCAL_PROJECT } from "../../infra/local/settings.ts";
import { TOPICS, topicName } from "../../infra/local/topics.ts";
import { SCHEMA_VERSION } from "../../shared/wire/state-document.ts";
import { environmentOn, handedOn } from "./deployed.ts";
import type { LocalWorld } from "./local-world.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const COPIED = ["functions", "shared", "infra", "emulators", "package.json"];

/** The topics that wake each function. */
const DELIVERIES = [
  ["on-image-push", [TOPICS.imagePushes]],
  [
    "on-deploy-notification",
    [
      TOPICS.deployOperations,
      TOPICS.deployResources,
      TOPICS.deployApprovals,
      TOPICS.deployAdvances,
    ],
  ],
  ["on-work", [TOPICS.work]],
] as const;

/** Instances of the next version, which serve beside those of this one. */
export type NewerVersion = {
  /** The same world, asked through the API of the newer version. */
  readonly world: LocalWorld;
  readonly close: () => Promise<void>;
};

/** Starts the next version: these sources, but their documents have the next schema. It hears of everything too. */
export async function startNewerVersion(world: LocalWorld): Promise<NewerVersion> {
  const folder = await copyOfNext();
  const free = Object.values(await choosePorts(null));
  const ports = new Map<string, number>(FUNCTION_NAMES.map((name, at) => [name, free[at] ?? 0]));
  const child = fork(join(folder, "infra/local/serve-functions.ts"), {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const environment = await environmentOn(world.file);
  for (const [id, [target, port]] of [...ports].entries()) {
    const request: HostRequest = { kind: "serve", id, target, port, environment };
    child.send(request);
    await once(child, "message");
  }
  const addressOf = (name: string): string => `http://127.0.0.1:${ports.get(name) ?? 0}`;
  for (const [name, topics] of DELIVERIES) {
    for (const topic of topics) {
      await subscribe(world, `newer-${name}-${topic}`, {
        topic: topicName(topic),
        address: `${addressOf(name)}/`,
      });
    }
  }
  const { file } = world;
  return {
    world: {
      ...world,
      call: async (who, line, body) => {
        const [method = "GET", path = "/"] = line.split(" ");
        const token = handedOn(file, LOCAL_PEOPLE[who], file.api);
        const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
        const sent = body === undefined ? {} : { body: JSON.stringify(body) };
        const answer = await fetch(`${addressOf("api")}${path}`, { method, headers, ...sent });
        return { status: answer.status, body: await answer.json() };
      },
    },
    close: async () => {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

/** Has a topic pushed to an address, as the installation's subscriptions do. */
async function subscribe(
  { cloud }: LocalWorld,
  id: string,
  { topic, address }: { readonly topic: string; readonly address: string },
): Promise<void> {
  const name = `projects/${LOCAL_PROJECT}/subscriptions/${id}`;
  const answer = await fetch(`${cloud.emulators.pubsub.url}/v1/${name}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      topic,
      ackDeadlineSeconds: 600,
      pushConfig: {
        pushEndpoint: address,
        oidcToken: { serviceAccountEmail: LOCAL_EVENTS_ACCOUNT, audience: address },
      },
      retryPolicy: { minimumBackoff: "10s", maximumBackoff: "600s" },
    }),
  });
  if (!answer.ok) {
    throw new Error(`${name} was answered ${answer.status}: ${await answer.text()}`);
  }
}

async function copyOfNext(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-newer-"));
  for (const name of COPIED) {
    await cp(join(ROOT, name), join(folder, name), { recursive: true });
  }
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const path = join(folder, "shared/wire/state-document.ts");
  const text = await readFile(path, "utf8");
  const next = text
    .replace(`SCHEMA_VERSION = ${SCHEMA_VERSION};`, `SCHEMA_VERSION = ${SCHEMA_VERSION + 1};`)
    .replace("= new Map();", `= new Map([[${SCHEMA_VERSION}, (body: unknown) => body]]);`);
  if (!next.includes(`= ${SCHEMA_VERSION + 1};`) || next.includes("= new Map();")) {
    throw new Error("the next version is not what it should be: see shared/wire/state-document.ts");
  }
  await writeFile(path, next);
  return folder;
}
