import { invalid, sqlError } from "./sql-error.ts";
import { type InstanceResource, type State, toKey } from "./state.ts";

/** The form of a name; unconfirmed, see README.md. */
const NAME = /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/;
const NAME_WITH_PROJECT_LENGTH_MAX = 98;

/** What a new instance is and holds. */
type NewInstance = {
  readonly resource: InstanceResource;
  readonly nowMs: number;
};

/**
 * Puts an instance there that an operation is about to create.
 * @throws GoogleError INVALID_ARGUMENT for a wrong name, ALREADY_EXISTS
 */
export function newInstance(
  state: State,
  place: { readonly project: string; readonly name: string },
  { resource, nowMs }: NewInstance,
): void {
  const { project, name } = place;
  if (!NAME.test(name) || `${project}:${name}`.length > NAME_WITH_PROJECT_LENGTH_MAX) {
    throw invalid(`invalid instance name (${name}).`);
  }
  if (state.instances.has(toKey(place))) {
    throw sqlError("instanceAlreadyExists", "The Cloud SQL instance already exists.");
  }
  state.instances.set(toKey(place), {
    project,
    name,
    resource,
    state: "PENDING_CREATE",
    createMs: nowMs,
    content: { version: 0, text: "" },
    logsSinceMs: null,
    nextWindowMs: null,
    lastRunId: 0,
  });
}
