import type { FieldChange } from "../../../shared/domain/apply-plan.ts";
import { keyOf } from "../resource.ts";
import type { Fields, Kind, Resource } from "../resource.ts";
import type { Behind, Driver, Drivers } from "./driver.ts";
import { circle, inOrder } from "./order.ts";

/** What is to be done with a resource. */
export type Action = "create" | "update" | "delete" | "unchanged";

/** A resource compared with what is there. */
export type Change = {
  readonly key: string;
  readonly needs: readonly string[];
  readonly resource: Resource;
  readonly action: Action;
  readonly changes: readonly FieldChange[];
  readonly notes: readonly string[];
  readonly found: Fields | null;
};

/** Something that keeps a plan from being done, and what to do about it. */
export type Obstacle = { readonly what: string; readonly mend: string };

/** What would be done, and what keeps it from being done. */
export type Plan = { readonly changes: readonly Change[]; readonly obstacles: readonly Obstacle[] };

/** How much is read at once. */
const READS_AT_ONCE_MAX = 12;

/** What a plan is made of. */
export type Planned = {
  readonly drivers: Drivers;
  readonly resources: readonly Resource[];
  /** Slipway's project, by which resources are marked. */
  readonly installation: string;
  readonly location: string;
};

/**
 * Compares every resource with what is there. APIs are looked at first: what is behind one that is off is not
 * there, and cannot be read.
 * @throws TransientError or PermanentError when something cannot be read.
 */
export async function makePlan(planned: Planned): Promise<Plan> {
  const { resources } = planned;
  const nodes = resources.map((resource) => ({ ...resource, key: keyOf(resource) }));
  const round = circle(nodes);
  if (round.length > 0) {
    throw new Error(`resources need each other: ${round.join(", ")}`);
  }
  const apis = resources.filter(({ kind }) => kind === "apis");
  const things = resources.filter(({ kind }) => kind !== "apis" && kind !== "grants");
  const first = await readAll(planned, apis, () => true);
  const isOn = enabledApis(first);
  const second = await readAll(planned, things, ({ behind }) => isOn(behind));
  const absent = absentIn(second);
  const grants = resources.filter(({ kind }) => kind === "grants");
  const third = await readAll(planned, grants, ({ resource, behind }) => {
    return isOn(behind) && !resource.needs.some((need) => absent.has(`${need}|${resource.name}`));
  });
  const judged = [...first, ...second, ...third, ...(await leftovers(planned, isOn))];
  return {
    changes: judged.map(({ change }) => change),
    obstacles: judged.flatMap(({ obstacles }) => obstacles),
  };
}

/** What is not there, by its key and name: what it grants cannot be read, and Google says that it is forbidden. */
function absentIn(judged: readonly Judged[]): ReadonlySet<string> {
  const gone = judged.filter(({ change }) => change.action === "create");
  return new Set(gone.map(({ change }) => `${change.key}|${change.resource.name}`));
}

type Judged = { readonly change: Change; readonly obstacles: readonly Obstacle[] };

/** Whether an API is on in a project, as far as that was read. */
type IsOn = (behind: Behind | null) => boolean;

async function readAll(
  planned: Planned,
  resources: readonly Resource[],
  isReadable: (look: { readonly resource: Resource; readonly behind: Behind | null }) => boolean,
): Promise<readonly Judged[]> {
  const judged = new Map<string, Judged>();
  const nodes = resources.map((resource) => ({ key: keyOf(resource), needs: [], resource }));
  const { failed } = await inOrder(nodes, READS_AT_ONCE_MAX, async ({ key, resource }) => {
    const driver = planned.drivers[resource.kind];
    const behind = driver.behind(resource);
    const found = isReadable({ resource, behind }) ? await driver.read(resource) : null;
    judged.set(key, judge(driver, { resource, found, installation: planned.installation }));
  });
  if (failed[0] !== undefined) {
    throw failed[0].error;
  }
  return nodes.flatMap(({ key }) => judged.get(key) ?? []);
}

function enabledApis(judged: readonly Judged[]): IsOn {
  const on = new Map(
    judged.map(({ change }) => {
      const { enabled } = change.found ?? {};
      return [change.resource.project, new Set(Array.isArray(enabled) ? enabled : [])] as const;
    }),
  );
  return (behind) => behind === null || (on.get(behind.project)?.has(behind.api) ?? false);
}

type Compared = {
  readonly resource: Resource;
  readonly found: Fields | null;
  readonly installation: string;
};

/** What is to be done with one resource. One of somebody else's is never touched. */
export function judge(driver: Driver, compared: Compared): Judged {
  const { resource, found } = compared;
  const base = { key: keyOf(resource), needs: resource.needs, resource, notes: [], found };
  if (found === null) {
    return { change: { ...base, action: "create", changes: [] }, obstacles: [] };
  }
  const owner = driver.owner(resource, found);
  const isLeft = { ...base, action: "unchanged" as const, changes: [] };
  if (resource.isShared === true && owner.kind !== "ours") {
    const notes = ["somebody else made it; it is used as it is"];
    return { change: { ...isLeft, notes }, obstacles: [] };
  }
  if (owner.kind === "another" || owner.kind === "nobody") {
    return { change: isLeft, obstacles: [taken(resource, owner)] };
  }
  const changes = driver.differences(resource.fields, found);
  const fixed = changes.filter(({ field }) => driver.immutable.includes(field));
  const action = changes.length === 0 ? "unchanged" : "update";
  return {
    change: { ...base, action, changes },
    obstacles: fixed.map((change) => stays(driver, resource, change)),
  };
}

function taken(
  { kind, name, project }: Resource,
  owner: { readonly kind: "another"; readonly installation: string } | { readonly kind: "nobody" },
): Obstacle {
  const whose =
    owner.kind === "another"
      ? `belongs to the installation of ${owner.installation}`
      : "is there already, and Slipway did not make it";
  return {
    what: `${kind} ${name} ${whose}`,
    mend: `remove or rename it if nobody needs it, or install Slipway in another project than ${project}`,
  };
}

function stays(driver: Driver, resource: Resource, change: FieldChange): Obstacle {
  const { kind, name } = resource;
  const { field, from, to } = change;
  return {
    what: `${kind} ${name} has ${field} ${from}, which cannot be changed to ${to}`,
    mend:
      driver.mend?.(resource, change) ??
      `set it to ${from} in the installation's file, or remove the ${kind} and apply again`,
  };
}

/** What an older version or older settings of this installation left, which nothing wants any more. */
async function leftovers(planned: Planned, isOn: IsOn): Promise<readonly Judged[]> {
  const { drivers, resources, installation, location } = planned;
  const wanted = new Set(resources.map(keyOf));
  const kinds = [...new Set(resources.map(({ kind }) => kind))];
  const lists = kinds.map(async (kind: Kind) => {
    const driver = drivers[kind];
    const sample = { kind, name: "", project: installation, needs: [], fields: {}, why: LEFT };
    const isReadable = driver.list !== undefined && isOn(driver.behind(sample));
    const listed = isReadable ? ((await driver.list?.(installation, location)) ?? []) : [];
    return listed.flatMap(({ name, found }): readonly Judged[] => {
      const resource = { kind, name, project: installation, needs: [], fields: {}, why: LEFT };
      const isOurs = driver.owner(resource, found).kind === "ours";
      return isOurs && !wanted.has(keyOf(resource)) ? [removal(resource, found)] : [];
    });
  });
  return (await Promise.all(lists)).flat();
}

const LEFT = "Nothing wants it any more.";

function removal(resource: Resource, found: Fields): Judged {
  const notes = [LEFT];
  const change = { key: keyOf(resource), needs: [], resource, changes: [], notes, found };
  return { change: { ...change, action: "delete" }, obstacles: [] };
}
