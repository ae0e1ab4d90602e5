import { invalid, sqlError } from "./sql-error.ts";
import { type InstanceRecord, type InstanceResource, type State, toKey } from "./state.ts";

/** The form of a name; unconfirmed, see README.md. */
const NAME = /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/;
const NAME_WITH_PROJECT_LENGTH_MAX = 98;

/** What a new instance is and holds. */
type NewInstance = {
  readonly resource: InstanceResource;
  readonly databases: readonly string[];
  readonly content: string;
  readonly nowMs: number;
};

/**
 * Puts an instance there that an operation is about to create.
 * @throws GoogleError INVALID_ARGUMENT for a wrong name, ALREADY_EXISTS
 */
export function newInstance(
  state: State,
  place: { readonly project: string; readonly name: string },
  { resource, databases, content, nowMs }: NewInstance,
): InstanceRecord {
  const { project, name } = place;
  if (!NAME.test(name) || `${project}:${name}`.length > NAME_WITH_PROJECT_LENGTH_MAX) {
    throw invalid(`invalid instance name (${name}).`);
  }
  if (state.instances.has(toKey(place))) {
    throw sqlError("instanceAlreadyExists", "The Cloud SQL instance already exists.");
  }
  const instance: InstanceRecord = {
    project,
    name,
    resource,
    state: "PENDING_CREATE",
    createMs: nowMs,
    databases,
    contents: [{ version: 0, atMs: nowMs, text: content }],
    logsSinceMs: null,
    nextWindowMs: null,
    lastRunId: 0,
  };
  state.instances.set(toKey(place), instance);
  return instance;
}
