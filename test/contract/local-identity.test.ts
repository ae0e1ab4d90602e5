import { v1 } from "@google-cloud/pubsub";
import { afterAll, beforeAll, expect, test } from "vitest";

import { startFirestore } from "../../emulators/firestore/server.ts";
import { startIdentity } from "../../emulators/identity/server.ts";
import { type CloudAccess, createCloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import { startMetadata } from "../../emulators/metadata/server.ts";
import { startMonitoring } from "../../emulators/monitoring/server.ts";
import { startPubsub } from "../../emulators/pubsub/server.ts";
import { openOwnEnvironments } from "../../infra/local/own-environment.ts";
import { openFirestore } from "../../shared/adapters/firestore-client.ts";
import { endpointOptions } from "../../shared/adapters/grpc-endpoint.ts";
import { restClient } from "../../shared/adapters/rest-client.ts";

const EMAIL = "slipway-run@acme.iam.gserviceaccount.com";
const MEMBER = `serviceAccount:${EMAIL}`;
const OTHER_EMAIL = "slipway-api@acme.iam.gserviceaccount.com";
const OTHER_MEMBER = `serviceAccount:${OTHER_EMAIL}`;
const TOPIC = "projects/acme/topics/audit";
const SCOPE = "https://www.googleapis.com/auth/monitoring.read";

let access: CloudAccess;
let servers: readonly {
  readonly url: string;
  readonly grpcAddress: string;
  readonly close: () => Promise<void>;
}[];

beforeAll(async () => {
  access = createCloudAccess();
  const identity = await startIdentity({ access });
  const { accessToken, mint } = identity;
  const place = { projectId: "acme", accessToken, mint };
  const metadata = await startMetadata({ ...place, email: EMAIL });
  const otherMetadata = await startMetadata({ ...place, email: OTHER_EMAIL });
  const pubsub = await startPubsub({ access });
  pubsub.ensureTopic(TOPIC);
  servers = [
    pubsub,
    await startFirestore({ access }),
    await startMonitoring({ access }),
    metadata,
    otherMetadata,
    identity,
  ];
  access.policies.set("projects/acme", {
    bindings: ["pubsub.publisher", "datastore.user", "monitoring.alertViewer"].map((role) => ({
      role: `roles/${role}`,
      members: [MEMBER, OTHER_MEMBER],
    })),
  });
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
});

async function openPublisher(): Promise<v1.PublisherClient> {
  return new v1.PublisherClient(await endpointOptions(servers[0]?.grpcAddress ?? ""));
}

async function publish(publisher: v1.PublisherClient): Promise<void> {
  await publisher.publish({ topic: TOPIC, messages: [{ data: Buffer.from("a") }] });
}

/** Calls each kind of adapter once; each says "ok" or why not. */
async function callAll(): Promise<readonly string[]> {
  const [, firestore, monitoring] = servers;
  const publisher = await openPublisher();
  const endpoint = firestore?.grpcAddress ?? "";
  const opened = openFirestore({ project: "acme", endpoint, database: "slipway" });
  const { firestore: database } = await opened();
  const rest = restClient({ endpoint: monitoring?.url ?? "", service: "", scope: SCOPE });
  const calls = [
    publish(publisher),
    database.doc("services/web").get(),
    rest({ path: "/v3/projects/acme/alerts" }),
  ];
  const results = await Promise.allSettled(calls);
  await Promise.all([publisher.close(), database.terminate()]);
  return results.map((result) => (result.status === "fulfilled" ? "ok" : String(result.reason)));
}

test("an adapter sends the token of the metadata server that is named, and none where none is", async () => {
  const refused = await callAll();
  expect(refused.filter((answer) => !/missing required authentication/.test(answer))).toEqual([]);
  process.env["GCE_METADATA_HOST"] = servers[3]?.grpcAddress ?? "";
  try {
    expect(await callAll()).toEqual(["ok", "ok", "ok"]);
  } finally {
    delete process.env["GCE_METADATA_HOST"];
  }
  const { used } = access.recording();
  expect([...new Set(used.map(({ member }) => member))]).toEqual([MEMBER]);
});

test("functions of two accounts in one process call as themselves, and what runs for none as nobody", async () => {
  const before = process.env;
  const { within } = openOwnEnvironments({ GCE_METADATA_HOST: "nobody.invalid" });
  access.recording().reset();
  const [, , , metadata, otherMetadata] = servers;
  try {
    const asOne = { GCE_METADATA_HOST: metadata?.grpcAddress ?? "" };
    const asOther = { GCE_METADATA_HOST: otherMetadata?.grpcAddress ?? "" };
    const [one, other] = await Promise.all([
      within(asOne, openPublisher),
      within(asOther, openPublisher),
    ]);
    // Both connections are open at once, where one could be taken for the other.
    await within(asOne, async () => publish(one));
    await within(asOther, async () => publish(other));
    await Promise.all([one.close(), other.close()]);
    expect(process.env["GCE_METADATA_HOST"]).toBe("nobody.invalid");
    expect(Object.keys(process.env)).toEqual(["GCE_METADATA_HOST"]);
  } finally {
    process.env = before;
  }
  const members = new Set(access.recording().used.map(({ member }) => member));
  expect(members).toEqual(new Set([MEMBER, OTHER_MEMBER]));
});
