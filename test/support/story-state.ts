import { z } from "zod";
import { LOCAL_LOCATION, LOCAL_PROJECT } from "../../infra/local/settings.ts";
import { eventIds, messagesOf } from "./audit-events.ts";
import { readAuditFeed } from "./audit-reader.ts";
import type { AuditReader } from "./audit-reader.ts";
import { brokenInLocal } from "./local-state.ts";
import { verifiedRecords } from "./story-views.ts";
import type { StoryWorld } from "./story-world.ts";
import { until } from "./until.ts";

/** Subscribes to the audit feed of a story. */
export async function readStoryFeed({ cloud }: StoryWorld, name: string): Promise<AuditReader> {
  const endpoints = { pubsub: cloud.emulators.pubsub.grpcAddress };
  return readAuditFeed({ project: LOCAL_PROJECT, endpoints }, name);
}

/**
 * What does not hold, in words, of a service once all is quiet, when every record of it has come through the feed.
 * The feed may bring a record again: hours pass in a story before an acknowledgement arrives.
 */
export async function brokenInStory(
  world: StoryWorld,
  reader: AuditReader,
  service: string,
): Promise<readonly string[]> {
  const { length } = await verifiedRecords(world, service);
  const messages = await until(
    `the feed has every record of ${service}`,
    async () => Promise.resolve(messagesOf(reader.messages(), service)),
    (all) => eventIds(all).size >= length,
  );
  const { cloudDeploy } = world.cloud.emulators;
  const file = { endpoints: { cloudDeploy: cloudDeploy.grpcAddress } };
  return brokenInLocal({ ports: world.ports, file }, service, messages);
}

const Limited = z.object({
  template: z.object({
    containers: z.array(
      z.object({ resources: z.object({ limits: z.object({ memory: z.string() }) }) }),
    ),
  }),
});

/** The memory that Cloud Run gives a service. */
export async function memoryOf(
  { cloud }: StoryWorld,
  { project, service }: { readonly project: string; readonly service: string },
): Promise<string | undefined> {
  const parent = `projects/${project}/locations/${LOCAL_LOCATION}`;
  const url = `${cloud.emulators.cloudRun.url}/v2/${parent}/services/${service}`;
  const answer: unknown = await (await fetch(url)).json();
  return Limited.parse(answer).template.containers[0]?.resources.limits.memory;
}
