import { applyFieldMask } from "../kit/field-mask.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { paginate, type PageRequest } from "../kit/page.ts";
import { addMessage } from "./backlog.ts";
import { requireDuration } from "./duration.ts";
import { checkDrafts, type MessageDraft } from "./message.ts";
import { alreadyExists, checkName, DELETED_TOPIC } from "./names.ts";
import { requireTopic, type PubsubState, type TopicJson } from "./state.ts";

const PAGE_LIMITS = { defaultSize: 100, maxSize: 1_000 };
const RETENTION_RANGE = { minSeconds: 600, maxSeconds: 31 * 86_400 };
const CHANGEABLE = ["labels", "messageRetentionDuration", "messageStoragePolicy", "kmsKeyName"];
const NOT_COVERED = new Set(["schemaSettings", "ingestionDataSourceSettings", "messageTransforms"]);

/** Publisher.CreateTopic */
export function createTopic(state: PubsubState, request: Partial<TopicJson>): TopicJson {
  const name = checkName(request.name, "topics");
  if (state.topics.has(name)) {
    throw alreadyExists(name);
  }
  const config = completeTopic({ ...request, name });
  state.topics.set(config.name, { config, retained: new Map() });
  return config;
}

/** Publisher.GetTopic */
export function getTopic(state: PubsubState, request: { readonly topic?: string }): TopicJson {
  return requireTopic(state, request.topic).config;
}

/** Publisher.UpdateTopic */
export function updateTopic(
  state: PubsubState,
  request: { readonly topic?: TopicJson; readonly updateMask?: string },
): TopicJson {
  const current = requireTopic(state, request.topic?.name);
  const mask = requireMask(request.updateMask, CHANGEABLE);
  const patch = { ...request.topic, name: current.config.name };
  const config = completeTopic(applyFieldMask(current.config, patch, mask));
  state.topics.set(config.name, { ...current, config });
  return config;
}

/** Publisher.ListTopics */
export function listTopics(
  state: PubsubState,
  request: PageRequest & { readonly project?: string },
): { readonly topics: readonly TopicJson[]; readonly nextPageToken: string } {
  const topics = [...state.topics.values()].map((topic) => topic.config);
  const page = paginate(topics.filter(isIn(request.project)), request, PAGE_LIMITS);
  return { topics: page.items, nextPageToken: page.nextPageToken };
}

/** Publisher.ListTopicSubscriptions */
export function listTopicSubscriptions(
  state: PubsubState,
  request: PageRequest & { readonly topic?: string },
): { readonly subscriptions: readonly string[]; readonly nextPageToken: string } {
  const topic = requireTopic(state, request.topic).config.name;
  const names = [...state.subscriptions.values()]
    .filter(({ config }) => config.topic === topic && config.detached !== true)
    .map(({ config }) => config.name);
  const page = paginate(names, request, PAGE_LIMITS);
  return { subscriptions: page.items, nextPageToken: page.nextPageToken };
}

/** Publisher.ListTopicSnapshots: there are none. */
export function listNoSnapshots(state: PubsubState, request: { readonly topic?: string }): object {
  requireTopic(state, request.topic);
  return {};
}

/** Publisher.DeleteTopic: its subscriptions stay, with what they have. */
export function deleteTopic(state: PubsubState, request: { readonly topic?: string }): object {
  const topic = requireTopic(state, request.topic).config.name;
  state.topics.delete(topic);
  for (const [name, subscription] of state.subscriptions) {
    if (subscription.config.topic === topic) {
      const config = { ...subscription.config, topic: DELETED_TOPIC };
      state.subscriptions.set(name, { ...subscription, config });
    }
  }
  return {};
}

/** Publisher.Publish */
export function publish(
  state: PubsubState,
  request: { readonly topic?: string; readonly messages?: readonly MessageDraft[] },
  nowMs: number,
): { readonly messageIds: readonly string[] } {
  const topic = requireTopic(state, request.topic).config.name;
  const drafts = request.messages ?? [];
  checkDrafts(drafts);
  return {
    messageIds: drafts.map((draft) => addMessage(state, topic, { draft, nowMs }).messageId),
  };
}

/**
 * Whether something is in `projects/P`.
 * @throws GoogleError INVALID_ARGUMENT without a project.
 */
export function isIn(project: string | undefined): (item: { readonly name: string }) => boolean {
  if (project === undefined) {
    throw badRequest("project", "The request names no project");
  }
  return (item) => item.name.startsWith(`${project}/`);
}

/**
 * The mask of an update, of which every path must be changeable.
 * @throws GoogleError INVALID_ARGUMENT without a mask, or for a field that cannot be changed.
 */
export function requireMask(mask: string | undefined, changeable: readonly string[]): string {
  const paths = (mask ?? "").split(",").filter((path) => path !== "");
  if (paths.length === 0) {
    throw badRequest("update_mask", "The update_mask in the request must be set");
  }
  for (const path of paths) {
    const field = (path.split(".")[0] ?? "").replace(/_[a-z]/gu, (part) =>
      part.slice(1).toUpperCase(),
    );
    if (!changeable.includes(field)) {
      throw badRequest(
        "update_mask",
        `Invalid update_mask provided: ${path} is not a known updatable field`,
      );
    }
  }
  return paths.join(",");
}

function completeTopic(topic: TopicJson): TopicJson {
  const field = Object.keys(topic).find((name) => NOT_COVERED.has(name));
  if (field !== undefined) {
    throw googleError("UNIMPLEMENTED", `This emulator does not cover Topic.${field}`);
  }
  if (topic.messageRetentionDuration !== undefined) {
    requireDuration("messageRetentionDuration", topic.messageRetentionDuration, RETENTION_RANGE);
  }
  return { ...topic, state: "ACTIVE" };
}
