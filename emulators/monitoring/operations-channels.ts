import { toTimestamp } from "../kit/clock.ts";
import { applyFieldMask } from "../kit/field-mask.ts";
import { googleError } from "../kit/google-error.ts";
import { checkChannel, PUBSUB } from "./channel-rules.ts";
import { type ListRequest, listPage } from "./list.ts";
import { isIn, notFound, numberFor, parseName, parseProject } from "./names.ts";
import type { NotificationChannel, StoredChannel } from "./resources.ts";
import { type Monitoring, nextNumber } from "./state.ts";

type NameRequest = { readonly name?: string };

/**
 * CreateNotificationChannel
 * @throws GoogleError INVALID_ARGUMENT
 */
export function createChannel(
  monitoring: Monitoring,
  request: { readonly name?: string; readonly notificationChannel?: NotificationChannel },
  nowMs: number,
): StoredChannel {
  const project = parseProject(monitoring.projects, request.name);
  const { notificationChannel: input = {} } = request;
  checkChannel(input);
  const id = numberFor(`${project}@${nextNumber(monitoring.state)}`);
  const channel = {
    ...input,
    name: `${project}/notificationChannels/${id}`,
    enabled: input.enabled ?? true,
    creationRecord: { mutateTime: toTimestamp(nowMs) },
    mutationRecords: [],
  };
  monitoring.state.channels.set(channel.name, channel);
  return channel;
}

/**
 * GetNotificationChannel
 * @throws GoogleError NOT_FOUND
 */
export function getChannel(monitoring: Monitoring, request: NameRequest): StoredChannel {
  const name = parseName(monitoring.projects, "notificationChannels", request.name);
  const channel = monitoring.state.channels.get(name);
  if (channel === undefined) {
    throw notFound("Notification channel", name);
  }
  return channel;
}

/** ListNotificationChannels */
export function listChannels(monitoring: Monitoring, request: ListRequest): object {
  const project = parseProject(monitoring.projects, request.name);
  const channels = [...monitoring.state.channels.values()].filter(isIn(project));
  const { items, nextPageToken, totalSize } = listPage(channels, request);
  return { notificationChannels: items, nextPageToken, totalSize };
}

/**
 * UpdateNotificationChannel: what the mask names, or everything that the request has. The type stays.
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND
 */
export function updateChannel(
  monitoring: Monitoring,
  request: { readonly notificationChannel?: NotificationChannel; readonly updateMask?: string },
  nowMs: number,
): StoredChannel {
  const { notificationChannel: input = {}, updateMask } = request;
  const before = getChannel(monitoring, input.name === undefined ? {} : { name: input.name });
  const { name, type = PUBSUB, creationRecord = {}, mutationRecords = [] } = before;
  const changed = { ...applyFieldMask<NotificationChannel>(before, input, updateMask), type };
  checkChannel(changed);
  const channel = {
    ...changed,
    name,
    enabled: changed.enabled ?? true,
    creationRecord,
    mutationRecords: [{ mutateTime: toTimestamp(nowMs) }, ...mutationRecords],
  };
  monitoring.state.channels.set(name, channel);
  return channel;
}

/**
 * DeleteNotificationChannel; with `force` the policies that name it lose it.
 * @throws GoogleError NOT_FOUND, FAILED_PRECONDITION when a policy names it
 */
export function deleteChannel(
  monitoring: Monitoring,
  request: NameRequest & { readonly force?: boolean },
): object {
  const { state } = monitoring;
  const { name } = getChannel(monitoring, request);
  const users = [...state.policies.values()].filter(({ notificationChannels = [] }) =>
    notificationChannels.includes(name),
  );
  if (users.length > 0 && request.force !== true) {
    const names = users.map((policy) => `"${policy.name}"`).join(", ");
    throw googleError(
      "FAILED_PRECONDITION",
      `Could not delete "${name}" because it is still being referenced by: ${names}`,
    );
  }
  for (const policy of users) {
    const others = policy.notificationChannels?.filter((channel) => channel !== name) ?? [];
    state.policies.set(policy.name, { ...policy, notificationChannels: others });
  }
  state.channels.delete(name);
  return {};
}
