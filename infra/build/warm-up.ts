import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { Http2Server } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import { createChatWiring } from "../../functions/create-chat-wiring.ts";
import { createNoticeWiring } from "../../functions/create-notice-wiring.ts";
import { createWiring } from "../../functions/create-wiring.ts";
import { registerFunctions } from "../../functions/register.ts";
import { githubClient } from "../../shared/adapters/github-client.ts";
import { secretReader } from "../../shared/adapters/secret-reader.ts";
import { slackWeb } from "../../shared/adapters/slack-web.ts";
import { systemClock } from "../../shared/adapters/system-clock.ts";
import { seal } from "../../shared/app/seal.ts";
import { readConfig } from "../../shared/config.ts";
import type { Config } from "../../shared/config.ts";
import { EMPTY_CHAIN, fact } from "../../shared/domain/audit-record.ts";
import {
  digest,
  environmentId,
  promotionId,
  releaseId,
  serviceId,
  specRevision,
} from "../../shared/domain/ids.ts";
import { NO_TRUST } from "../../shared/domain/provenance.ts";
import { instant } from "../../shared/domain/time.ts";
import type { Ports } from "../../shared/ports/ports.ts";

/** The number of the status. Source: https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const PERMISSION_DENIED = "7";

/** By then each client has had its answer, wherever this runs. */
const PATIENCE_MS = 10_000;

/**
 * Has the functions load what they need. Google's clients load most of it with the first call, so each is
 * called once, at a server here that lets nobody in; and the API is asked for its description,
 * the pages for the first one.
 */
export async function warmUp(): Promise<void> {
  const grpc = createHttp2Server().on("stream", (stream) => {
    stream.respond(
      { ":status": 200, "content-type": "application/grpc", "grpc-status": PERMISSION_DENIED },
      { endStream: true },
    );
  });
  const rest = createServer((_request, response) => {
    response.writeHead(403).end("{}");
  });
  const [grpcPort, restPort] = [await listen(grpc), await listen(rest)];
  const config = configOf(`127.0.0.1:${grpcPort}`, `http://127.0.0.1:${restPort}`);
  const secrets = secretReader({ endpoint: config.endpoints.secretManager, clock: systemClock() });
  const wiring = createWiring(config);
  const telling = createNoticeWiring(config);
  const { ports } = wiring;
  const chat = createChatWiring(config);
  registerFunctions({
    acting: async () => wiring,
    deciding: async () => wiring,
    chat: async () => chat,
    telling: async () => telling,
  });
  const api = await listen(getTestServer("api"));
  const web = await listen(getTestServer("web"));
  const asked = await listen(getTestServer("chat"));
  // Firestore's client goes on trying for seconds. When the others are done, it has tried.
  void ports.store.read(serviceId("build")).catch(() => null);
  const called = [
    ...calls(ports),
    secrets("projects/build/secrets/build", "latest"),
    fetch(`http://127.0.0.1:${api}/openapi.json`),
    fetch(`http://127.0.0.1:${web}/`),
    fetch(`http://127.0.0.1:${asked}/`),
    ...tells(`http://127.0.0.1:${restPort}`),
  ];
  await Promise.race([Promise.allSettled(called), sleep(PATIENCE_MS)]);
}

async function listen(server: Server | Http2Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return address === null || typeof address === "string" ? 0 : address.port;
}

function configOf(address: string, url: string): Config {
  return readConfig({
    SLIPWAY_PROJECT: "build",
    SLIPWAY_VIEWERS: "user:build@example.com",
    SLIPWAY_DEPLOYERS: "user:build@example.com",
    SLIPWAY_APPROVERS: "user:build@example.com",
    SLIPWAY_ONCALL: "user:build@example.com",
    SLIPWAY_AUDIENCES: url,
    SLIPWAY_CLOUD_IDENTITY_ENDPOINT: url,
    SLIPWAY_CLOUD_DEPLOY_ENDPOINT: address,
    SLIPWAY_ARTIFACT_REGISTRY_ENDPOINT: address,
    SLIPWAY_CLOUD_RUN_ENDPOINT: address,
    SLIPWAY_FIRESTORE_ENDPOINT: address,
    SLIPWAY_PUBSUB_ENDPOINT: address,
    SLIPWAY_SECRET_MANAGER_ENDPOINT: address,
    SLIPWAY_CLOUD_SQL_ENDPOINT: url,
    SLIPWAY_GKE_BACKUP_ENDPOINT: url,
    SLIPWAY_MONITORING_ENDPOINT: url,
    SLIPWAY_SLACK_SIGNING_SECRET: "projects/build/secrets/build",
    SLIPWAY_SLACK_TOKEN: "projects/build/secrets/build",
    SLIPWAY_SLACK_TEAM: "T0BUILD",
    SLIPWAY_SLACK_ENDPOINT: `${url}/`,
  });
}

/** A call to each service by which people are told; their tokens come from no secret, since nobody reads one here. */
function tells(url: string): readonly Promise<unknown>[] {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  const slack = slackWeb({ endpoint: `${url}/`, token: async () => Promise.resolve("build") });
  const ask = githubClient({
    endpoint: url,
    identity: { kind: "app", app: "1", key: async () => Promise.resolve(privateKey) },
    clock: systemClock(),
  });
  const repository = { owner: "build", repo: "build" };
  return [slack.person("U0BUILD"), ask(repository, "GET /repos/{owner}/{repo}/deployments")];
}

/** A call to each other service that a function speaks to. */
function calls({
  deploy,
  provenance,
  registry,
  feed,
  jobs,
  backups,
  incidents,
  directory,
  hash,
}: Ports): readonly Promise<unknown>[] {
  const repository = "us-central1-docker.pkg.dev/build/build/build";
  const image = digest(`sha256:${"0".repeat(64)}`);
  const release = releaseId(image, specRevision("000000"));
  const pipeline = { project: "build", location: "us-central1", id: "build" };
  const facts = [fact("hold.expired", "slipway", { reason: "build" })];
  const chain = { head: EMPTY_CHAIN, published: 0 };
  return [
    deploy.getRollout(pipeline, {
      release,
      rollout: promotionId(release, environmentId("build"), 1),
    }),
    registry.getImage(repository, image),
    provenance.verify({ repository, digest: image }, { ...NO_TRUST, keys: [] }),
    feed.publish(seal(hash, chain, { name: "build", facts, now: instant(0) }).records),
    jobs.observe("projects/build/locations/us-central1/jobs/build/executions/build"),
    backups.databases("build"),
    incidents.listOpen("build"),
    directory.isMember("build@example.com", "person@example.com"),
  ];
}
