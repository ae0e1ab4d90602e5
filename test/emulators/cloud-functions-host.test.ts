import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Hosted } from "../../emulators/cloud-functions/functions.ts";
import { directoryPersistence } from "../../emulators/kit/store.ts";
import {
  creation,
  hello,
  NAME,
  openCloudFunctions,
  type Setting,
} from "./cloud-functions-setting.ts";

/** Archives with this file are the host's. */
const HOSTED = { "hosted.txt": "by the host" };
const REFUSED = { "hosted.txt": "by the host", "refused.txt": "but not now" };

let setting: Setting;
const asked: Hosted[] = [];
const stopped: string[] = [];

beforeAll(async () => {
  setting = await openCloudFunctions({
    environmentOf: (account) => ({ ACCOUNT: account }),
    host: { start: async (hosted) => start(hosted) },
  });
});

afterAll(async () => {
  await setting.close();
});

/** Answers for the archives that it knows, from this process. */
async function start(
  hosted: Hosted,
): Promise<{ address: string; stop: () => Promise<void> } | null> {
  const names = Buffer.from(hosted.archive).toString("latin1");
  if (!names.includes("hosted.txt")) {
    return null;
  }
  asked.push(hosted);
  if (names.includes("refused.txt")) {
    throw new Error("not now");
  }
  const server = createServer((_request, response) => response.end("hosted"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = address === null || typeof address === "string" ? 0 : address.port;
  return {
    address: `127.0.0.1:${port}`,
    stop: async () => {
      stopped.push(hosted.name);
      server.close();
      await once(server, "close");
    },
  };
}

async function answer(): Promise<string> {
  const response = await fetch(`http://${setting.server.addressOf(NAME) ?? ""}/`, {
    headers: { connection: "close" },
  });
  return response.text();
}

async function update(files: Readonly<Record<string, string>>): Promise<void> {
  const source = { storageSource: await setting.upload(files) };
  const [operation] = await setting.client.updateFunction({
    function: { name: NAME, buildConfig: { source } },
    updateMask: { paths: ["build_config.source"] },
  });
  await operation.promise();
}

test("a host runs the archives that it knows, each as its account, and what it does not know is built", async () => {
  const [operation] = await setting.client.createFunction(creation(await setting.upload(HOSTED)));
  await operation.promise();
  expect(await answer()).toBe("hosted");
  const account = "slipway-run@acme.iam.gserviceaccount.com";
  expect(asked).toMatchObject([
    { name: NAME, target: "hello", account, environment: { ACCOUNT: account, GREETED: "world" } },
  ]);
  await update(hello("built"));
  expect(stopped).toEqual([NAME]);
  expect(await answer()).toBe("built world built");
  await update(HOSTED);
  expect(await answer()).toBe("hosted");
});

test("what a host cannot start fails as what does not listen, and the revision before goes on", async () => {
  await expect(update(REFUSED)).rejects.toThrow("Container Healthcheck failed");
  expect(await answer()).toBe("hosted");
});

test("what served before is deployed while it starts again, and serves once all is settled", async () => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-functions-"));
  const kept = directoryPersistence(folder);
  const before = await openCloudFunctions({ persistence: kept, host: { start } });
  expect(before.server.isDeployed(NAME)).toBe(false);
  const [operation] = await before.client.createFunction(creation(await before.upload(HOSTED)));
  await operation.promise();
  await before.close();
  await kept.close();
  const { promise: go, resolve } = Promise.withResolvers<null>();
  const again = directoryPersistence(folder);
  const after = await openCloudFunctions({
    persistence: again,
    host: { start: async (hosted) => (await go) ?? start(hosted) },
  });
  expect([after.server.isDeployed(NAME), after.server.addressOf(NAME)]).toEqual([true, null]);
  resolve(null);
  await after.server.settled();
  expect(after.server.addressOf(NAME)).toMatch(/^127/);
  await after.close();
  await again.close();
  await rm(folder, { recursive: true });
});
