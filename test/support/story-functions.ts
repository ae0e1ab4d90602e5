import { apiFunction } from "../../functions/api.ts";
import { createWiring } from "../../functions/create-wiring.ts";
import { messageFunction } from "../../functions/message-function.ts";
import type { MessageFunction } from "../../functions/message-function.ts";
import { onDeployNotificationFunction } from "../../functions/on-deploy-notification.ts";
import { onImagePushFunction } from "../../functions/on-image-push.ts";
import { onIncidentFunction } from "../../functions/on-incident.ts";
import { onTickFunction } from "../../functions/on-tick.ts";
import { onWorkFunction } from "../../functions/on-work.ts";
import type { Wiring } from "../../functions/wiring.ts";
import type { OpenAddress } from "../../emulators/edge/address.ts";
import { findPorts } from "../../infra/local/ports.ts";
import {
  LOCAL_DATABASE,
  LOCAL_EVENTS_ACCOUNT,
  LOCAL_LOCATION,
  LOCAL_PEOPLE,
  LOCAL_PROJECT,
} from "../../infra/local/settings.ts";
import { callerReader } from "../../shared/adapters/caller.ts";
import { readConfig } from "../../shared/config.ts";
import { instant } from "../../shared/domain/time.ts";
import { serveFunction } from "./function-server.ts";
import type { FunctionServer } from "./function-server.ts";
import type { StoryCloud } from "./story-cloud.ts";
import { storyAddress, subscribeStory } from "./story-deliveries.ts";
import { doorOf } from "./story-door.ts";

/** The functions, serving and connected to their topics. */
export type StoryFunctions = {
  readonly wiring: Wiring;
  /** Where the API answers. */
  readonly api: string;
  readonly close: () => Promise<void>;
};

let count = 0;

/** Serves every function in this process, on the cloud's own clock. */
export async function serveStoryFunctions(cloud: StoryCloud): Promise<StoryFunctions> {
  const wiring = wire(cloud);
  count += 1;
  const servers: FunctionServer[] = [];
  const names: string[] = [];
  async function connect<Read>(definition: MessageFunction<Read>): Promise<void> {
    const name = `story-${count}-${definition.name}`;
    const server = await serveFunction(
      name,
      messageFunction(async () => wiring, definition),
    );
    servers.push(server);
    await stand(cloud, definition.name, server);
    names.push(definition.name);
  }
  await connect(onImagePushFunction);
  await connect(onDeployNotificationFunction);
  await connect(onIncidentFunction);
  await connect(onTickFunction);
  await connect(onWorkFunction);
  await subscribeStory(cloud.emulators.pubsub, names);
  const api = await serveFunction(
    `story-${count}-api`,
    apiFunction(async () => wiring),
  );
  servers.push(api);
  const front = await stand(cloud, "api", api);
  return {
    wiring,
    api: front.url,
    close: async () => {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

/** How long a request may take: the story's clock jumps by hours while one is under way. */
const PATIENCE_MS = 7 * 86_400_000;

/** Puts a function behind the front, as it is deployed. */
async function stand(
  { edge, fronts, audience }: StoryCloud,
  name: string,
  { url }: FunctionServer,
): Promise<OpenAddress> {
  const instancePort = Number(new URL(url).port);
  const [port = 0] = await findPorts(1, [instancePort]);
  const address = storyAddress(name);
  const door = doorOf({ name, port, instancePort }, name === "api" ? [audience] : [address]);
  const opened = await edge.open({ ...door, serving: { ...door.serving, timeoutMs: PATIENCE_MS } });
  fronts.set(address, opened.url);
  return opened;
}

function wire({ clock, emulators, audience }: StoryCloud): Wiring {
  const { identity } = emulators;
  const config = readConfig({
    SLIPWAY_PROJECT: LOCAL_PROJECT,
    SLIPWAY_LOCATION: LOCAL_LOCATION,
    SLIPWAY_DATABASE: LOCAL_DATABASE,
    SLIPWAY_VIEWERS: `user:${LOCAL_PEOPLE.viewer}`,
    SLIPWAY_DEPLOYERS: `user:${LOCAL_PEOPLE.deployer}`,
    SLIPWAY_APPROVERS: `user:${LOCAL_PEOPLE.approver}`,
    SLIPWAY_ONCALL: `user:${LOCAL_PEOPLE.oncall}`,
    SLIPWAY_ISSUERS: identity.issuer,
    SLIPWAY_JWKS_URL: `${identity.url}/certs`,
    SLIPWAY_AUDIENCES: audience,
    SLIPWAY_EDGE: "checked",
    SLIPWAY_PUSH_ACCOUNTS: LOCAL_EVENTS_ACCOUNT,
    SLIPWAY_CLOUD_IDENTITY_ENDPOINT: identity.url,
    SLIPWAY_CLOUD_DEPLOY_ENDPOINT: emulators.cloudDeploy.grpcAddress,
    SLIPWAY_ARTIFACT_REGISTRY_ENDPOINT: emulators.registry.grpcAddress,
    SLIPWAY_CLOUD_RUN_ENDPOINT: emulators.cloudRun.grpcAddress,
    SLIPWAY_FIRESTORE_ENDPOINT: emulators.firestore.grpcAddress,
    SLIPWAY_PUBSUB_ENDPOINT: emulators.pubsub.grpcAddress,
    SLIPWAY_SECRET_MANAGER_ENDPOINT: emulators.secretManager.grpcAddress,
    SLIPWAY_CLOUD_SQL_ENDPOINT: emulators.cloudSql.url,
    SLIPWAY_GKE_BACKUP_ENDPOINT: emulators.gkeBackup.url,
    SLIPWAY_MONITORING_ENDPOINT: emulators.monitoring.url,
    SLIPWAY_LOAD_BALANCER_ENDPOINT: emulators.loadBalancer.url,
  });
  const wiring = createWiring(config);
  const now = { now: () => instant(clock.now()) };
  return {
    ...wiring,
    ports: { ...wiring.ports, clock: now, log: quiet },
    readCaller: callerReader({ ...config.identity, clock: now }),
  };
}

/** What is logged is not looked at. */
const quiet: Wiring["ports"]["log"] = { info: () => {}, warn: () => {}, error: () => {} };
