import { once } from "node:events";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { enableCompileCache, flushCompileCache } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import { onlyLoopback } from "../../emulators/kit/loopback.ts";
import { FUNCTION_NAMES } from "../../functions/names.ts";
import { leaveOutUnused } from "../build/leave-out.ts";
import { DEPLOYABLE, isCurrent } from "../build/current.ts";
import { COMPILED } from "../cli/compiled.ts";
import { HostRequest } from "./function-messages.ts";
import type { HostAnswer } from "./function-messages.ts";
import { collectWhenResting } from "./idle-memory.ts";
import { openOwnEnvironments } from "./own-environment.ts";
import type { Environment } from "./own-environment.ts";
import { leaveOutDomains } from "./without-domains.ts";

/**
 * The process that runs the functions in the local cloud: each one on its port, served by the functions framework as in
 * Cloud Run. Who a function is and what it believes, its environment says. Functions that find the same share what they
 * open, and all share what is loaded. What to serve, the local cloud's process says; answers go back to it.
 */

/** Addresses of functions in the world, by which Pub/Sub pushes to them. */
const FUNCTION_HOSTS = /^[a-z0-9.-]+\.run\.app$/;

/**
 * What would run for no function is nobody, who is refused everywhere; and not the owner of the local cloud, for whom
 * a caller without a token is taken.
 */
const OUTSIDE: Environment = {
  NODE_ENV: "production",
  METADATA_SERVER_DETECTION: "none",
  GCE_METADATA_HOST: "nobody.invalid",
};

/** The functions of one environment, as the framework serves them. */
type Functions = ReadonlyMap<string, Server>;

enableCompileCache(COMPILED);
leaveOutDomains();
collectWhenResting();
const { within } = openOwnEnvironments(OUTSIDE);
const program = programHere();
const servers = new Map<number, Server>();
const byEnvironment = new Map<string, Promise<Functions>>();
/** One program is loaded after the other: each registers its functions under the same names. */
let loading: Promise<unknown> = Promise.resolve();

process.on("message", (message) => {
  void take(HostRequest.parse(message));
});

// The functions live no longer than the local cloud: when its process goes, the channel closes.
process.once("disconnect", () => process.exit(0));

async function take(request: HostRequest): Promise<void> {
  process.send?.(await answer(request));
}

async function answer(request: HostRequest): Promise<HostAnswer> {
  try {
    await (request.kind === "serve" ? serve(request) : end(request.id));
    return { id: request.id, error: null };
  } catch (error) {
    return { id: request.id, error: error instanceof Error ? error.message : String(error) };
  }
}

/** What is deployed is what runs here, if it was built of the sources as they are; else the sources run. */
function programHere(): URL {
  if (isCurrent(DEPLOYABLE)) {
    return pathToFileURL(join(DEPLOYABLE, "index.js"));
  }
  // The bundle has none of them.
  leaveOutUnused();
  return new URL("../../functions/index.ts", import.meta.url);
}

async function functionsIn(environment: Environment): Promise<Functions> {
  const pairs = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const key = pairs.toSorted().join("\n");
  const there = byEnvironment.get(key);
  if (there !== undefined) {
    return there;
  }
  const count = byEnvironment.size;
  const loaded = loading.then(async () => load(environment, count));
  loading = loaded.catch(() => null);
  byEnvironment.set(key, loaded);
  return loaded;
}

/** Runs the program's first module once more, which reads its environment; all that it imports is there already. */
async function load(environment: Environment, count: number): Promise<Functions> {
  return within(environment, async () => {
    await import(`${program.href}?environment=${count}`);
    // This process is ended by a signal, which would write nothing down.
    flushCompileCache();
    return new Map(FUNCTION_NAMES.map((name) => [name, getTestServer(name)]));
  });
}

type Serve = Extract<HostRequest, { kind: "serve" }>;

/** @throws Error when there is no such function, or its port is taken. */
async function serve({ id, target, port, environment }: Serve): Promise<void> {
  const framework = (await functionsIn(environment)).get(target);
  if (framework === undefined) {
    throw new Error(`there is no function ${target}: there are ${FUNCTION_NAMES.join(", ")}`);
  }
  // Some functions believe whoever is on this machine; a web page is not.
  const server = createServer(
    onlyLoopback(
      (request, response) =>
        void within(environment, () => framework.emit("request", request, response)),
      FUNCTION_HOSTS,
    ),
  );
  servers.set(id, server);
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
}

/** What is under way is answered first. */
async function end(id: number): Promise<void> {
  const server = servers.get(id);
  servers.delete(id);
  if (server !== undefined) {
    const closed = once(server, "close");
    server.close();
    server.closeIdleConnections();
    await closed;
  }
}
