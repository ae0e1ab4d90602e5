import { CloudDeployClient } from "@google-cloud/deploy";
import type { protos } from "@google-cloud/deploy";
import { canonicalHash } from "../../shared/adapters/canonical-hash.ts";
import { endpointOptions } from "../../shared/adapters/grpc-endpoint.ts";
import { stateOf } from "../../shared/adapters/rollout-view.ts";
import type { LocalFile } from "../../infra/local/local-file.ts";
import { digest, serviceId } from "../../shared/domain/ids.ts";
import { START } from "./builders.ts";
import type { PipelineRef, Service } from "../../shared/domain/service.ts";
import type { Page, PageRequest, Store } from "../../shared/ports/store.ts";
import type { FeedMessage } from "./audit-reader.ts";
import { brokenInWorld, unsettled } from "./invariants.ts";
import type { LocalWorld } from "./local-world.ts";
import { newCloudDeployWorld } from "./memory-cloud-deploy.ts";
import type { CloudDeployWorld, MemoryRelease, MemoryRollout } from "./memory-cloud-deploy.ts";
import { newWorld } from "./memory-ports.ts";
import type { World } from "./memory-ports.ts";
import { eventIds } from "./audit-events.ts";

/** Where the state of services, and of Cloud Deploy, is read. */
type Place = Pick<LocalWorld, "ports"> & { readonly file: Pick<LocalFile, "endpoints"> };

/** What does not hold, in words, of one service and what Cloud Deploy has of it, once all is quiet. */
export async function brokenInLocal(
  world: Place,
  service: string,
  feed: readonly FeedMessage[],
): Promise<readonly string[]> {
  const read = await readWorld(world, service, feed);
  return [...brokenInWorld(read, canonicalHash()), ...unsettled(read)];
}

/** Reads everything that is stored of a service, and everything in its pipelines, as the tests in memory have it. */
async function readWorld(
  { ports, file }: Place,
  id: string,
  feed: readonly FeedMessage[],
): Promise<World> {
  const world = newWorld();
  const service = serviceId(id);
  const aggregate = await ports.store.read(service);
  if (aggregate === null) {
    throw new Error(`there is no service ${id}`);
  }
  world.store.services.set(id, aggregate);
  await readHistory(ports.store, world, id);
  const published = eventIds(feed);
  const records = world.store.records.get(id) ?? [];
  world.published.push(...records.filter((record) => published.has(record.id)));
  return { ...world, cloudDeploy: await readCloudDeploy(file, aggregate.state.service) };
}

const PAGE_SIZE = 100;

async function readHistory(store: Store, { store: kept }: World, id: string): Promise<void> {
  const service = serviceId(id);
  const releases = await readAll(async (page) => store.releases(service, page));
  releases.forEach((release) => kept.releases.set(`${id}/${release.id}`, release));
  const promotions = await readAll(async (page) => store.promotions(service, page));
  promotions.forEach((promotion) => kept.promotions.set(promotion.id, promotion));
  const entries = await readAll(async (page) => store.timeline(service, page));
  entries.forEach((entry) => kept.timeline.set(entry.id, entry));
  const records = [...(await store.records(id, 0, PAGE_SIZE))];
  for (let more = records; more.length > 0; records.push(...more)) {
    more = [...(await store.records(id, records.length, PAGE_SIZE))];
  }
  kept.records.set(id, records);
}

async function readAll<Item>(
  list: (request: PageRequest) => Promise<Page<Item>>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let pageToken = "";
  do {
    const page = await list({ pageSize: PAGE_SIZE, pageToken });
    items.push(...page.items);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return items;
}

/** Everything in a service's pipelines, read with Google's client. */
export async function readCloudDeploy(
  { endpoints }: Pick<LocalFile, "endpoints">,
  { environments }: Service,
): Promise<CloudDeployWorld> {
  const address = (endpoints["cloudDeploy"] ?? "").replace("http://", "");
  const client = new CloudDeployClient(await endpointOptions(address));
  const world = newCloudDeployWorld();
  for (const pipeline of new Set(environments.map((one) => pipelineName(one.pipeline)))) {
    const [releases] = await client.listReleases({ parent: pipeline });
    releases.forEach((one) => world.releases.set(one.name ?? "", toRelease(pipeline, one)));
    const [rollouts] = await client.listRollouts({ parent: `${pipeline}/releases/-` });
    rollouts.forEach((one) => world.rollouts.set(one.name ?? "", toRollout(pipeline, one)));
  }
  await client.close();
  return world;
}

function toRelease(
  pipeline: string,
  { name, buildArtifacts, skaffoldConfigUri }: protos.google.cloud.deploy.v1.IRelease,
): MemoryRelease {
  const [repository = "", image = ""] = (buildArtifacts?.[0]?.tag ?? "").split("@");
  const sourceUri = skaffoldConfigUri ?? "";
  return { id: lastPart(name), pipeline, repository, digest: digest(image), sourceUri };
}

function toRollout(
  pipeline: string,
  rollout: protos.google.cloud.deploy.v1.IRollout,
): MemoryRollout {
  const { name, targetId, description } = rollout;
  return {
    id: lastPart(name),
    pipeline,
    release: (name ?? "").split("/").at(-3) ?? "",
    target: targetId ?? "",
    description: description ?? "",
    isByHand: description?.includes("promotion requested by") !== true,
    state: stateOf(rollout),
    failure: null,
    createdAt: START,
    endedAt: null,
    phases: [],
  };
}

function pipelineName({ project, location, id }: PipelineRef): string {
  return `projects/${project}/locations/${location}/deliveryPipelines/${id}`;
}

function lastPart(name: string | null | undefined): string {
  return (name ?? "").split("/").at(-1) ?? "";
}
