import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { describe } from "vitest";
import { mustSkip } from "../support/needs.ts";
import { startPubsub } from "../../emulators/pubsub/server.ts";
import { pubsubContract, type Opened } from "./pubsub-contract.ts";

describe("our Pub/Sub emulator", () => {
  pubsubContract(startPubsub);
});

/** Where Google's emulator (gcloud 528) is further from the service, as its documentation has it. */
const GOOGLES_DIFFERENCES = {
  "a topic's labels are updated, and nothing else": "it only updates a topic's schema settings",
  "a new subscription is active and expires after 31 days": "it leaves both out",
  "an ack deadline is changed within its limits": "it takes any deadline",
  "a filter that does not parse is refused": "it keeps filters but ignores them",
  "a filter lets through only what it names": "it keeps filters but ignores them",
  "a detached subscription gives nothing any more": "it has no DetachSubscription",
  "a refused message comes again, and then those behind it with its ordering key":
    "it brings a refused message with an ordering key only after the ack deadline",
  "a push of a message without data has no data": "it writes the data as an empty text",
};

const gcloud = findGcloud();

describe.skipIf(gcloud === null && mustSkip("Google's Pub/Sub emulator"))(
  "Google's Pub/Sub emulator (skipped where gcloud lacks its component pubsub-emulator)",
  () => {
    pubsubContract(() => startGoogles(gcloud ?? ""), GOOGLES_DIFFERENCES);
  },
);

/** The gcloud that has the emulator, or null. */
function findGcloud(): string | null {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const command = join(folder, "gcloud");
    try {
      const root = join(realpathSync(command), "..", "..");
      accessSync(join(root, "platform/pubsub-emulator/bin/cloud-pubsub-emulator"), constants.X_OK);
      return command;
    } catch {
      // Not here; the next folder may have it.
    }
  }
  return null;
}

async function startGoogles(command: string): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), "pubsub-"));
  const grpcAddress = `127.0.0.1:${await findFreePort()}`;
  const flags = ["--project=acme", `--host-port=${grpcAddress}`, `--data-dir=${folder}`];
  // gcloud starts Java as a child, so both get a group of their own to be ended together.
  const child = spawn(command, ["beta", "emulators", "pubsub", "start", ...flags], {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, CLOUDSDK_CONFIG: folder, CLOUDSDK_CORE_DISABLE_PROMPTS: "1" },
  });
  for await (const line of createInterface(child.stderr)) {
    if (line.includes("Server started")) {
      break;
    }
  }
  child.stderr.resume();
  return {
    grpcAddress,
    close: async () => {
      const ended = once(child, "exit");
      if (child.pid !== undefined) {
        process.kill(-child.pid, "SIGTERM");
      }
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
