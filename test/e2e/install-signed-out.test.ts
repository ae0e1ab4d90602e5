import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startAnswering } from "../support/answering-server.ts";
import type { AnsweringServer } from "../support/answering-server.ts";
import { cliIn } from "./cli-setting.ts";
import type { Ran } from "./cli-setting.ts";

let folder: string;
let metadata: AnsweringServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-signed-out-"));
  await writeFile(join(folder, "slipway.yaml"), "project: acme-slipway\nlocation: europe-west3\n");
  const warning = 'setImmediate(() => process.emitWarning("mind the gap"));';
  await writeFile(join(folder, "warn.cjs"), `setTimeout(() => { ${warning} }, 0);`);
  await mkdir(join(folder, "deploy"));
  await writeFile(join(folder, "deploy", "package.json"), "{}");
  metadata = await startAnswering();
  // What a proxy answers to whoever asks for a metadata server.
  metadata.answerBy(() => ({ status: 403 }));
});

afterAll(async () => {
  await metadata.close();
  await rm(folder, { recursive: true });
});

async function plan(env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const own = {
    HOME: folder,
    CLOUDSDK_CONFIG: folder,
    GCE_METADATA_HOST: metadata.url.replace("http://", ""),
  };
  return cliIn(folder)(["install", "plan", "--deploy", "deploy"], { env: { ...own, ...env } });
}

test("whoever is not signed in is told what to run, and nothing else", async () => {
  expect(await plan()).toEqual({
    code: 2,
    out: "",
    err: "nobody is signed in to Google Cloud: run gcloud auth application-default login\n",
  });
  expect(metadata.asked).not.toEqual([]);
});

test("credentials that cannot be used are told of with their file", async () => {
  const file = join(folder, "none.json");
  const { code, err } = await plan({ GOOGLE_APPLICATION_CREDENTIALS: file });
  expect(code).toBe(2);
  expect(err).toContain(
    `the credentials for Google Cloud in ${file} (GOOGLE_APPLICATION_CREDENTIALS) cannot be used: `,
  );
  expect(err).toMatch(/To sign in again, run gcloud auth application-default login\n$/);
});

test("other warnings are printed", async () => {
  const { err } = await plan({ NODE_OPTIONS: "--require ./warn.cjs" });
  expect(err).toContain("mind the gap");
  expect(err).not.toContain("MetadataLookupWarning");
});
