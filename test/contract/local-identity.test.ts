import { v1 } from "@google-cloud/pubsub";
import { afterAll, beforeAll, expect, test } from "vitest";

import { startFirestore } from "../../emulators/firestore/server.ts";
import { startIdentity } from "../../emulators/identity/server.ts";
import { type CloudAccess, createCloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import { realClock } from "../../emulators/kit/clock.ts";
import { startMetadata } from "../../emulators/metadata/server.ts";
import { startMonitoring } from "../../emulators/monitoring/server.ts";
import { startPubsub } from "../../emulators/pubsub/server.ts";
import { openFirestore } from "../../shared/adapters/firestore-client.ts";
import { endpointOptions } from "../../shared/adapters/grpc-endpoint.ts";
import { restClient } from "../../shared/adapters/rest-client.ts";

const EMAIL = "slipway-run@acme.iam.gserviceaccount.com";
const MEMBER = `serviceAccount:${EMAIL}`;
const TOPIC = "projects/acme/topics/audit";
const SCOPE = "https://www.googleapis.com/auth/monitoring.read";

let access: CloudAccess;
let servers: readonly {
  readonly url: string;
  readonly grpcAddress: string;
  readonly close: () => Promise<void>;
}[];

beforeAll(async () => {
  access = createCloudAccess({ clock: realClock() });
  const identity = await startIdentity({ access });
  const { accessToken, mint } = identity;
  const project = { projectId: "acme", number: "123" };
  const metadata = await startMetadata({ email: EMAIL, project, region: "r", accessToken, mint });
  const pubsub = await startPubsub({ access });
  pubsub.ensureTopic(TOPIC);
  servers = [
    pubsub,
    await startFirestore({ access }),
    await startMonitoring({ access }),
    metadata,
    identity,
  ];
  access.policies.set("projects/acme", {
    bindings: ["pubsub.publisher", "datastore.user", "monitoring.alertViewer"].map((role) => ({
      role: `roles/${role}`,
      members: [MEMBER],
    })),
  });
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
});

/** Calls each kind of adapter once; each says "ok" or why not. */
async function callAll(): Promise<readonly string[]> {
  const [pubsub, firestore, monitoring] = servers;
  const publisher = new v1.PublisherClient(await endpointOptions(pubsub?.grpcAddress ?? ""));
  const endpoint = firestore?.grpcAddress ?? "";
  const opened = openFirestore({ project: "acme", endpoint, database: "slipway" });
  const { firestore: database } = await opened();
  const rest = restClient({ endpoint: monitoring?.url ?? "", service: "", scope: SCOPE });
  const calls = [
    publisher.publish({ topic: TOPIC, messages: [{ data: Buffer.from("a") }] }),
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
