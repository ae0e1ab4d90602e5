import type { RunningPubsub } from "../../emulators/pubsub/server.ts";
import { send } from "../../infra/local/rest.ts";
import {
  LOCAL_LOCATION,
  LOCAL_PROJECT,
  LOCAL_PROJECT_NUMBER,
  LOCAL_REPOSITORY,
} from "../../infra/local/settings.ts";
import type { Platform } from "../../infra/platform/settings.ts";
import { functionUrl } from "../../infra/platform/table/names.ts";
import { subscriptions, topics } from "../../infra/platform/table/topics.ts";
import { someSettings } from "./platform/settings.ts";

const PLATFORM: Platform = {
  ...someSettings(),
  project: LOCAL_PROJECT,
  location: LOCAL_LOCATION,
  registries: [{ project: LOCAL_PROJECT, location: LOCAL_LOCATION, repository: LOCAL_REPOSITORY }],
  pipelineProjects: [LOCAL_PROJECT],
  chat: null,
  numbers: new Map([[LOCAL_PROJECT, LOCAL_PROJECT_NUMBER]]),
  bundleHash: "",
  version: "0.0.0",
};

/** A function's address in the world, to which its subscriptions push. */
export function storyAddress(name: string): string {
  return functionUrl(PLATFORM, name);
}

/** Makes every topic of an installation. */
export function makeStoryTopics(pubsub: RunningPubsub): void {
  for (const { name } of topics(PLATFORM)) {
    pubsub.ensureTopic(name);
  }
}

/** Makes the subscriptions that push to those functions, with the settings that an installation gives them. */
export async function subscribeStory(
  { url }: RunningPubsub,
  functions: readonly string[],
): Promise<void> {
  for (const { name, fields } of subscriptions(PLATFORM, functions)) {
    await send("PUT", `${url}/v1/${name}`, fields);
  }
}
