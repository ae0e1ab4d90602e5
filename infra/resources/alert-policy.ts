import { z } from "zod";
import { callOutside, CREATION_LIMITS } from "../../shared/adapters/outside-call.ts";
import { listPages } from "../../shared/adapters/rest-pages.ts";
import { scopingProjectOf } from "../../shared/domain/scoping.ts";
import type { Scoping } from "../../shared/domain/scoping.ts";
import { PermanentError } from "../../shared/ports/errors.ts";
import type { Place } from "../render/place.ts";
import type { Cloud } from "./cloud.ts";
import { findChannel, incidentTopic, makeChannel } from "./incident-channel.ts";
import { changeOf } from "../../shared/domain/apply-plan.ts";
import { creation, unchanged } from "./step.ts";
import type { FieldChange } from "../../shared/domain/apply-plan.ts";
import type { PlannedStep } from "./step.ts";
import { ALERT_LABEL, alertOwner, wantedAlerts } from "./wanted-alerts.ts";
import type { WantedPolicy } from "./wanted-alerts.ts";

const PAGE_SIZE = "1000";

const Policy = z.object({
  name: z.string(),
  displayName: z.string().default(""),
  severity: z.string().default(""),
  combiner: z.string().default(""),
  enabled: z.boolean().default(true),
  userLabels: z.record(z.string(), z.string()).default({}),
  documentation: z.object({ content: z.string().default("") }).prefault({}),
  conditions: z.array(z.looseObject({})).default([]),
  notificationChannels: z.array(z.string()).default([]),
});
type Policy = z.output<typeof Policy>;

const Policies = z.object({
  alertPolicies: z.array(Policy).default([]),
  nextPageToken: z.string().default(""),
});

/** Where Slipway is, and where the alerts of projects are. */
export type AlertSetting = { readonly project: string; readonly scoping: Scoping };

/** A project that has alert policies, with its channel to Slipway: found, or made by the first step that needs it. */
type Scope = {
  readonly project: string;
  readonly channel: () => Promise<string>;
  readonly found: string | null;
};

/**
 * The steps for an environment's `monitoring.alerts`: each alert a policy, known by its labels, in the project that has
 * the environment's alerts. A policy that was changed by hand is mended, one that the file has no more is deleted, and
 * channels that people added stay. Policies without our labels are others'.
 * @throws TransientError or PermanentError
 */
export async function planAlerts(
  cloud: Cloud,
  place: Place,
  { project, scoping }: AlertSetting,
): Promise<readonly PlannedStep[]> {
  const scope = scopingProjectOf(scoping, place.environment.project);
  const { policies, notes } = wantedAlerts(place, scope);
  const there = await readOwn(cloud, place, { scope, isNeeded: policies.length > 0 });
  if (policies.length === 0 && there.length === 0) {
    return notes.map((note) =>
      unchanged("alert policy", `projects/${scope}/alertPolicies`, [note]),
    );
  }
  const topic = incidentTopic(project);
  const found = await findChannel(cloud, scope, topic);
  const channel = async (): Promise<string> => {
    // Another environment with the same scope may have made it since.
    return (await findChannel(cloud, scope, topic)) ?? makeChannel(cloud, scope, topic);
  };
  return toSteps(cloud, {
    wanted: policies,
    there,
    notes,
    scope: { project: scope, channel, found },
  });
}

type Compared = {
  readonly wanted: readonly WantedPolicy[];
  readonly there: readonly Policy[];
  readonly notes: readonly string[];
  readonly scope: Scope;
};

function toSteps(cloud: Cloud, { wanted, there, notes, scope }: Compared): readonly PlannedStep[] {
  const pairs = wanted.map((policy) => ({
    policy,
    match: there.find(
      ({ userLabels }) => userLabels[ALERT_LABEL] === policy.userLabels[ALERT_LABEL],
    ),
  }));
  const kept = new Set(pairs.map(({ match }) => match?.name));
  const made = pairs.map(({ policy, match }) =>
    match === undefined
      ? creation("alert policy", `${parentOf(scope)}/${policy.displayName}`, () =>
          create(cloud, policy, scope),
        )
      : mending(cloud, { policy, there: match, scope }),
  );
  const gone = there.filter(({ name }) => !kept.has(name)).map((policy) => removal(cloud, policy));
  const [first, ...others] = [...made, ...gone];
  return first === undefined ? [] : [{ ...first, notes: [...first.notes, ...notes] }, ...others];
}

/** The policies of the place that are ours. Where none is wanted, a project that shows none has none of ours. */
async function readOwn(
  cloud: Cloud,
  place: Place,
  { scope, isNeeded }: { readonly scope: string; readonly isNeeded: boolean },
): Promise<readonly Policy[]> {
  const owner = Object.entries(alertOwner(place));
  const resource = `projects/${scope}/alertPolicies`;
  const filter = owner.map(([key, value]) => `user_labels.${key}="${value}"`).join(" AND ");
  try {
    const listed = await listPages(resource, async (pageToken) => {
      const query = { filter, pageSize: PAGE_SIZE, pageToken };
      const page = Policies.parse(await cloud.monitoring({ path: `/v3/${resource}`, query }));
      return { items: page.alertPolicies, nextPageToken: page.nextPageToken };
    });
    return listed.filter(({ userLabels }) =>
      owner.every(([key, value]) => userLabels[key] === value),
    );
  } catch (error) {
    if (!isNeeded && error instanceof PermanentError) {
      return [];
    }
    throw error;
  }
}

function mending(
  cloud: Cloud,
  {
    policy,
    there,
    scope,
  }: { readonly policy: WantedPolicy; readonly there: Policy; readonly scope: Scope },
): PlannedStep {
  const changes = differences(policy, there, scope);
  const step = { kind: "alert policy", name: there.name, changes, notes: [] } as const;
  return changes.length === 0
    ? unchanged("alert policy", there.name)
    : { ...step, action: "update", perform: () => update(cloud, policy, { there, scope }) };
}

function differences(
  wanted: WantedPolicy,
  there: Policy,
  { found }: Scope,
): readonly FieldChange[] {
  const [condition] = wanted.conditions;
  const [same, ...others] = there.conditions;
  const isSame = others.length === 0 && includes(same, condition);
  const isTold = found !== null && there.notificationChannels.includes(found);
  return [
    ...changeOf("displayName", there.displayName, wanted.displayName),
    ...changeOf("severity", there.severity, wanted.severity),
    ...changeOf("enabled", String(there.enabled), String(wanted.enabled)),
    ...changeOf("documentation", there.documentation.content, wanted.documentation.content),
    ...(isSame
      ? []
      : [{ field: "conditions", from: told(there.conditions), to: told([condition]) }]),
    ...changeOf("notificationChannels", isTold ? "Slipway" : "", "Slipway"),
  ];
}

function told(conditions: readonly object[]): string {
  return conditions
    .map((condition) => JSON.stringify({ ...condition, name: undefined }))
    .join(", ");
}

/** Whether all that we say is there; the service fills in what we do not say. */
function includes(there: unknown, wanted: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null) {
    return there === wanted;
  }
  if (typeof there !== "object" || there === null) {
    // The API leaves out what is zero.
    return false;
  }
  const fields = new Map<string, unknown>(Object.entries(there));
  return Object.entries(wanted).every(
    ([key, value]) => includes(fields.get(key), value) || (value === 0 && !fields.has(key)),
  );
}

async function create(cloud: Cloud, policy: WantedPolicy, scope: Scope): Promise<void> {
  const parent = parentOf(scope);
  const body = { ...policy, notificationChannels: [await scope.channel()] };
  await callOutside(
    parent,
    () => cloud.monitoring({ method: "POST", path: `/v3/${parent}`, body }),
    CREATION_LIMITS,
  );
}

/** A condition of the same kind keeps its name, so that what is open of it stays so where nothing else changed. */
async function update(
  cloud: Cloud,
  policy: WantedPolicy,
  { there, scope }: { readonly there: Policy; readonly scope: Scope },
): Promise<void> {
  const channels = new Set([...there.notificationChannels, await scope.channel()]);
  const [condition] = policy.conditions;
  const isSame = there.conditions.length === 1 && includes(there.conditions[0], condition);
  const query = {
    updateMask:
      "displayName,severity,combiner,enabled,userLabels,documentation,conditions,notificationChannels",
  };
  const body = {
    ...policy,
    name: there.name,
    userLabels: { ...there.userLabels, ...policy.userLabels },
    notificationChannels: [...channels],
    conditions: isSame ? there.conditions : policy.conditions,
  };
  await callOutside(there.name, () =>
    cloud.monitoring({ method: "PATCH", path: `/v3/${there.name}`, query, body }),
  );
}

function removal(cloud: Cloud, { name, displayName }: Policy): PlannedStep {
  const perform = async (): Promise<void> => {
    await callOutside(name, () => cloud.monitoring({ method: "DELETE", path: `/v3/${name}` }));
  };
  const notes = [`the file no longer has ${displayName}`];
  return { kind: "alert policy", name, action: "delete", changes: [], notes, perform };
}

function parentOf({ project }: Scope): string {
  return `projects/${project}/alertPolicies`;
}
