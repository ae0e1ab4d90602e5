import { once } from "node:events";
import { enableCompileCache } from "node:module";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parentPort } from "node:worker_threads";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import { onlyLoopback } from "../../emulators/kit/loopback.ts";
import { COMPILED } from "../cli/compiled.ts";
import { leaveOutCompiledTypes } from "../build/compiled-types.ts";
import { DEPLOYABLE, isCurrent } from "../build/current.ts";
import { HostRequest } from "./function-messages.ts";
import type { HostAnswer } from "./function-messages.ts";

/**
 * The thread that runs the functions of one account: each one on its port, served by the functions framework as in
 * Cloud Run.
 */

/** Addresses of functions in the world, by which Pub/Sub pushes to them. */
const FUNCTION_HOSTS = /^[a-z0-9.-]+\.run\.app$/;

enableCompileCache(COMPILED);
const loaded = import(programHere().href);

const servers = new Map<number, Server>();

parentPort?.on("message", (message) => {
  void take(HostRequest.parse(message));
});

async function take(request: HostRequest): Promise<void> {
  const answered = await answer(request);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, and not a window
  parentPort?.postMessage(answered);
}

async function answer(request: HostRequest): Promise<HostAnswer> {
  try {
    await loaded;
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
  leaveOutCompiledTypes();
  return new URL("../../functions/index.ts", import.meta.url);
}

type Serve = Extract<HostRequest, { kind: "serve" }>;

async function serve({ id, target, port }: Serve): Promise<void> {
  const framework = getTestServer(target);
  // Some functions believe whoever is on this machine; a web page is not.
  const server = createServer(
    onlyLoopback(
      (request, response) => void framework.emit("request", request, response),
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
