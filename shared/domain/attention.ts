import { entryOf } from "./entry-of.ts";
import { holdsOn } from "./hold.ts";
import { toOwnerKey } from "./owner-key.ts";
import type { Category, Environment, Service } from "./service.ts";
import { environmentState } from "./state.ts";
import type { ServiceState } from "./state.ts";
import type { Instant } from "./time.ts";

/** Reasons to look at an environment, the most pressing first. */
export const ATTENTIONS = [
  "incident",
  "failed",
  "drift",
  "held",
  "waiting",
  "running",
  "empty",
] as const;

/** A reason to look at an environment. */
export type Attention = (typeof ATTENTIONS)[number];

/** The reasons to look at an environment, the most pressing first; none where all is well. */
export function attentionOf(
  state: ServiceState,
  environment: Environment,
  now: Instant,
): readonly Attention[] {
  const { active, waiting, current, drift, foreign, incidents } = environmentState(
    state,
    environment.id,
  );
  const isSo: Readonly<Record<Attention, boolean>> = {
    incident: incidents.kind === "read" && incidents.open.length > 0,
    failed: entryOf(state.failed, environment.id) !== undefined,
    drift: drift !== null || foreign.length > 0,
    held: holdsOn(state, environment.id, now).length > 0,
    waiting: waiting.length > 0,
    running: active !== null,
    empty: current === null,
  };
  return ATTENTIONS.filter((attention) => isSo[attention]);
}

/** Which services somebody wants to see; null or an empty text asks for nothing. */
export type ServiceFilter = {
  /** A part of the service's id or name, in any case. */
  readonly text: string;
  readonly owner: string;
  /** Only services with an environment of this category. */
  readonly category: Category | null;
  /** Only services with an environment that has this reason, and that category if one is named. */
  readonly attention: Attention | null;
};

/** Whether every service passes the filter. */
export function isEverything({ text, owner, category, attention }: ServiceFilter): boolean {
  return text === "" && owner === "" && category === null && attention === null;
}

/** Whether a service is among those that are wanted. */
export function isWanted(state: ServiceState, filter: ServiceFilter, now: Instant): boolean {
  const { service } = state;
  const { text, owner, category, attention } = filter;
  if (!hasText(service, text) || !isOwnedBy(service, owner)) {
    return false;
  }
  if (category === null && attention === null) {
    return true;
  }
  return service.environments.some(
    (environment) =>
      (category === null || environment.category === category) &&
      (attention === null || attentionOf(state, environment, now).includes(attention)),
  );
}

/** How many characters of a service's name can be searched. */
const SEARCHED_NAME_LENGTH_MAX = 100;

/** What a search looks for a text in: a service's id and the beginning of its name, in lower case. */
export function searchedTexts({ id, name }: Service): readonly string[] {
  const searched = Array.from(name).slice(0, SEARCHED_NAME_LENGTH_MAX).join("");
  return [id.toLowerCase(), searched.toLowerCase()];
}

function hasText(service: Service, text: string): boolean {
  const wanted = text.toLowerCase();
  return searchedTexts(service).some((searched) => searched.includes(wanted));
}

function isOwnedBy({ owners }: Service, owner: string): boolean {
  return owner === "" || owners.map(toOwnerKey).includes(toOwnerKey(owner));
}
