import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type protos, v2 } from "@google-cloud/functions";
import * as grpc from "@grpc/grpc-js";
import {
  type CloudFunctionsOptions,
  type RunningCloudFunctions,
  startCloudFunctions,
} from "../../emulators/cloud-functions/server.ts";
import { readLock } from "../../infra/build/lock.ts";
import { manifestFiles } from "../../infra/build/manifest.ts";
import { zipOf } from "../support/zip.ts";

process.env["METADATA_SERVER_DETECTION"] = "none";

const ROOT = new URL("../../", import.meta.url);

export const PARENT = "projects/acme/locations/us-central1";
export const NAME = `${PARENT}/functions/hello`;

export type IFunction = protos.google.cloud.functions.v2.IFunction;

/** An emulator with the real client over gRPC. */
export type Setting = {
  readonly server: RunningCloudFunctions;
  readonly client: v2.FunctionServiceClient;
  /** Uploads files and gives where they are. */
  readonly upload: (
    files: Readonly<Record<string, string | Uint8Array>>,
  ) => Promise<protos.google.cloud.functions.v2.IStorageSource>;
  readonly close: () => Promise<void>;
};

/** Starts it, with this repository's packages at hand. */
export async function openCloudFunctions(options: CloudFunctionsOptions = {}): Promise<Setting> {
  const server = await startCloudFunctions({
    modules: fileURLToPath(new URL("node_modules", ROOT)),
    path: process.env["PATH"],
    projects: { acme: "123456789012" },
    ...options,
  });
  const client = new v2.FunctionServiceClient({
    apiEndpoint: "127.0.0.1",
    port: server.port,
    sslCreds: grpc.credentials.createInsecure(),
  });
  return {
    server,
    client,
    upload: async (files) => {
      const [{ uploadUrl, storageSource }] = await client.generateUploadUrl({ parent: PARENT });
      const headers = { "content-type": "application/zip" };
      const body = new Uint8Array(await zipOf(files));
      const answer = await fetch(uploadUrl ?? "", { method: "PUT", headers, body });
      if (!answer.ok) {
        throw new Error(`the upload was answered ${answer.status}: ${await answer.text()}`);
      }
      return storageSource ?? {};
    },
    close: async () => {
      await client.close();
      await server.close();
    },
  };
}

/** A function's files that answer with a text and what the environment says, with some put in their place or taken out. */
export function hello(
  text: string,
  change: Readonly<Record<string, string | null>> = {},
): Readonly<Record<string, string>> {
  const lock = readLock(readFileSync(new URL("package-lock.json", ROOT), "utf8"));
  const manifest = manifestFiles({ lock, version: "1.0.0", sources: "" });
  const code = [
    'import { http } from "@google-cloud/functions-framework";',
    'import { readFileSync } from "node:fs";',
    'http("hello", (_request, response) => {',
    `  response.send(\`${text} \${process.env.GREETED} \${readFileSync("built.txt", "utf8")}\`);`,
    "});",
  ].join("\n");
  const build = 'import { writeFileSync } from "node:fs"; writeFileSync("built.txt", "built");';
  const files = {
    ...manifest,
    "index.js": code,
    "fill-compile-cache.js": build,
    ...change,
  };
  return Object.fromEntries(
    Object.entries(files).flatMap(([path, content]) => (content === null ? [] : [[path, content]])),
  );
}

/** The request that makes the function `hello` of a source. */
export function creation(
  storageSource: protos.google.cloud.functions.v2.IStorageSource,
  change: IFunction = {},
): protos.google.cloud.functions.v2.ICreateFunctionRequest {
  return {
    parent: PARENT,
    functionId: "hello",
    function: {
      buildConfig: { runtime: "nodejs24", source: { storageSource } },
      serviceConfig: {
        availableMemory: "512Mi",
        environmentVariables: { GREETED: "world" },
        serviceAccountEmail: "slipway-run@acme.iam.gserviceaccount.com",
      },
      ...change,
    },
  };
}
