import { SecretManagerServiceClient } from "@google-cloud/secret-manager";
import * as grpc from "@grpc/grpc-js";

import { type ManualClock, manualClock } from "../support/manual-clock.ts";
import {
  type RunningSecretManager,
  type SecretManagerOptions,
  startSecretManager,
} from "../../emulators/secret-manager/server.ts";

process.env["METADATA_SERVER_DETECTION"] = "none";

export const PROJECT = "projects/acme";
/** The same project as the service's answers name it. */
export const NUMBERED = "projects/123456789012";
export const SECRET = `${PROJECT}/secrets/slack-signing`;
export const NUMBERED_SECRET = `${NUMBERED}/secrets/slack-signing`;
export const AUTOMATIC = { automatic: {} };

/** An emulator on a manual clock, with the real client over gRPC. */
export type Setting = {
  readonly clock: ManualClock;
  readonly server: RunningSecretManager;
  readonly client: SecretManagerServiceClient;
  readonly close: () => Promise<void>;
};

/** Starts both. */
export async function openSecretManager(
  options: Pick<SecretManagerOptions, "persistence"> & { readonly clock?: ManualClock } = {},
): Promise<Setting> {
  const { clock = manualClock(), persistence } = options;
  const projects = { acme: "123456789012" };
  const server = await startSecretManager({ clock, persistence, projects });
  const client = new SecretManagerServiceClient({
    apiEndpoint: "127.0.0.1",
    port: server.port,
    projectId: "acme",
    sslCreds: grpc.credentials.createInsecure(),
  });
  return {
    clock,
    server,
    client,
    close: async () => {
      await client.close();
      await server.close();
    },
  };
}

/** Creates the secret `slack-signing` with automatic replication. */
export async function createSigning(setting: Setting): Promise<void> {
  await setting.client.createSecret({
    parent: PROJECT,
    secretId: "slack-signing",
    secret: { replication: AUTOMATIC },
  });
}

/** Adds a version with a text. */
export async function addText(setting: Setting, text: string): Promise<string> {
  const [version] = await setting.client.addSecretVersion({
    parent: SECRET,
    payload: { data: Buffer.from(text) },
  });
  return version.name ?? "";
}

/** What a version holds, as text. */
export async function readText(setting: Setting, version: string): Promise<string> {
  const name = `${SECRET}/versions/${version}`;
  const [{ payload }] = await setting.client.accessSecretVersion({ name });
  return Buffer.from(payload?.data ?? "").toString();
}
