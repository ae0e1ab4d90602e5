import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { functionsEnvironment } from "../../infra/local/functions-environment.ts";
import { choosePorts } from "../../infra/local/ports.ts";
import { LOCAL_EVENTS_ACCOUNT } from "../../infra/local/settings.ts";
import { deliveryOf, pushed } from "../support/image-event.ts";
import { smallSpec } from "../support/local-spec.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { aimed, median, told } from "./figure.ts";
import type { Figure } from "./figure.ts";

const STARTS = 5;
const RATIO_TARGET = 4;

/** The program that serves a function in Google's cloud. */
const FRAMEWORK = createRequire(import.meta.url)
  .resolve("@google-cloud/functions-framework")
  .replace(/index\.js$/, "main.js");

/** Compiled, as functions are deployed: with the build's compile cache. */
const EMPTY = new URL("../../dist/test/bench/empty-function.js", import.meta.url);
const OURS = new URL("../../dist/functions/index.js", import.meta.url);

type Cold = {
  readonly source: URL;
  readonly target: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly body: string;
};

/**
 * From the start of a process of the functions framework until it has handled its first event, beside a
 * function that does nothing. The event is a push that makes a release and a rollout, and one that is
 * known already. Every kind of start takes its turn in each round.
 */
export async function measureColdStart(): Promise<readonly Figure[]> {
  const root = new URL("../..", import.meta.url);
  execFileSync("npm", ["run", "--silent", "gcp-build"], { cwd: root, stdio: "inherit" });
  const world = await openLocalWorld();
  await world.stopTicks();
  try {
    await world.apply(smallSpec("web"));
    world.cloud.emulators.eventarc.reset();
    const known = pushed("web", await world.push("web", "v0"), "v0");
    const environment = await environmentOf(world);
    await timeToAnswer(ours(environment, known));
    const times = { empty: [] as number[], known: [] as number[], fresh: [] as number[] };
    for (let round = 1; round <= STARTS; round += 1) {
      times.empty.push(await timeToAnswer(empty(environment)));
      times.known.push(await timeToAnswer(ours(environment, known)));
      const service = `cold-${round}`;
      await world.apply(smallSpec(service));
      const fresh = pushed(service, await world.push(service, "v1"), "v1");
      times.fresh.push(await timeToAnswer(ours(environment, fresh)));
    }
    const [bare, repeat, first] = [median(times.empty), median(times.known), median(times.fresh)];
    return [
      told("cold start, empty function", bare, "ms", `to its first answer; median of ${STARTS}`),
      told("cold start, on-image-push, a known image", repeat, "ms"),
      told("cold start, on-image-push, a new image", first, "ms", "to release and rollout created"),
      aimed("cold start, a known image / empty", repeat / bare, {
        unit: "x",
        target: RATIO_TARGET,
      }),
      aimed("cold start, a new image / empty", first / bare, { unit: "x", target: RATIO_TARGET }),
    ];
  } finally {
    await world.close();
  }
}

function empty(environment: Cold["environment"]): Cold {
  return { source: EMPTY, target: "empty", environment, body: "{}" };
}

function ours(environment: Cold["environment"], notification: object): Cold {
  const body = deliveryOf("cold", notification);
  return { source: OURS, target: "on-image-push", environment, body };
}

/** The environment of the world's functions, made of the addresses that its description tells. */
async function environmentOf({ file }: LocalWorld): Promise<Readonly<Record<string, string>>> {
  const port = (name: string): number =>
    Number((file.endpoints[name] ?? "").split(":").at(-1) ?? "0");
  const known = [
    "registry",
    "cloudDeploy",
    "cloudRun",
    "firestore",
    "pubsub",
    "identity",
    "storage",
  ];
  const ports = Object.fromEntries(known.map((name) => [name, port(name)]));
  return functionsEnvironment({ ...(await choosePorts(null)), ...ports }, process.env, "{}");
}

async function timeToAnswer(cold: Cold): Promise<number> {
  const { source, target, body } = cold;
  const { onImagePush: port } = await choosePorts(null);
  const issuer = cold.environment["SLIPWAY_ISSUERS"] ?? "";
  const token = strippedToken(issuer, `http://127.0.0.1:${port}/`);
  const environment = { ...cold.environment, SLIPWAY_EDGE: "checked" };
  const path = fileURLToPath(source);
  const startMs = performance.now();
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", FRAMEWORK, "--source", path, "--target", target],
    { env: { ...environment, PORT: String(port) }, stdio: ["ignore", "ignore", "inherit"] },
  );
  try {
    await answered(`http://127.0.0.1:${port}/`, { body, token }, child);
    return performance.now() - startMs;
  } finally {
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }
}

/** The token of a delivery as Cloud Run hands it on, which is what a function in Google's cloud sees. */
function strippedToken(iss: string, aud: string): string {
  const iat = Math.floor(Date.now() / 1000);
  const claims = {
    iss,
    aud,
    iat,
    exp: iat + 3600,
    email: LOCAL_EVENTS_ACCOUNT,
    email_verified: true,
  };
  const [head, body] = [{ alg: "RS256" }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  return `${head ?? ""}.${body ?? ""}.SIGNATURE_REMOVED_BY_GOOGLE`;
}

const RETRY_AFTER_MS = 2;

/** Posts until there is an answer; the process needs a while until it listens. */
async function answered(
  url: string,
  { body, token }: { readonly body: string; readonly token: string },
  child: ChildProcess,
): Promise<void> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  for (;;) {
    if (child.exitCode !== null) {
      throw new Error(`the function's process ended with ${child.exitCode}`);
    }
    try {
      const response = await fetch(url, { method: "POST", headers, body });
      const text = await response.text();
      if (!response.ok) {
        throw new TypeError(`the function answered ${response.status}: ${text}`);
      }
      return;
    } catch (error) {
      if (error instanceof TypeError && error.message.startsWith("the function answered")) {
        throw error;
      }
    }
    await new Promise((resolve) => {
      setTimeout(resolve, RETRY_AFTER_MS);
    });
  }
}
