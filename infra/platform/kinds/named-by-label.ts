import { nullWhenMissing } from "../../../shared/adapters/outside-call.ts";
import { differences } from "../engine/differences.ts";
import type { Driver, Listed } from "../engine/driver.ts";
import { isObject, textOf } from "../resource.ts";
import type { Fields, Resource } from "../resource.ts";
import type { Google } from "./google.ts";
import { ownerOf } from "./marks.ts";
import type { MarkPlace } from "./marks.ts";
import { behind, idOf, parentOf, topFields } from "./rest-kind.ts";

/** The label with what Slipway calls a thing whose name Cloud Monitoring chooses. */
const RESOURCE_LABEL = "slipway-resource";

type Collection = {
  readonly collection: string;
  readonly items: string;
  readonly version: string;
  readonly mark: Extract<MarkPlace, "labels" | "userLabels">;
};

/** Notification channels. Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.notificationChannels */
export function channelKind(google: Google, installation: string): Driver {
  return monitoringKind(google, installation, {
    collection: "notificationChannels",
    items: "notificationChannels",
    version: "v3",
    mark: "userLabels",
  });
}

/** Alert policies. Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies */
export function alertPolicyKind(google: Google, installation: string): Driver {
  return monitoringKind(google, installation, {
    collection: "alertPolicies",
    items: "alertPolicies",
    version: "v3",
    mark: "userLabels",
  });
}

/** Dashboards. Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v1/projects.dashboards */
export function dashboardKind(google: Google, installation: string): Driver {
  return monitoringKind(google, installation, {
    collection: "dashboards",
    items: "dashboards",
    version: "v1",
    mark: "labels",
  });
}

/** Cloud Monitoring names what it makes itself. Slipway finds its own by labels. */
function monitoringKind(google: Google, installation: string, of: Collection): Driver {
  const all = async (project: string): Promise<readonly Fields[]> =>
    google.list("monitoring", `${of.version}/projects/${project}/${of.collection}`, {
      items: of.items,
      query: { pageSize: "500" },
    });
  const called = (found: Fields): string => {
    const labels = found[of.mark];
    const label = isObject(labels) ? labels[RESOURCE_LABEL] : undefined;
    return typeof label === "string" ? label : "slipway";
  };
  const isOurs = (found: Fields): boolean => ownerOf(of.mark, installation, found).kind === "ours";
  const find = async (resource: Resource): Promise<Fields | null> => {
    const found = await all(resource.project);
    return found.find((one) => isOurs(one) && called(one) === idOf(resource.name)) ?? null;
  };
  return {
    behind: behind("monitoring"),
    read: find,
    create: async (resource) => {
      const { name, fields } = resource;
      // The name is the API's choice, so a second attempt would make a second one.
      if ((await find(resource)) === null) {
        const path = `${of.version}/${parentOf(name)}/${of.collection}`;
        const request = { method: "POST", path, body: fields, isOnce: true } as const;
        await google.call("monitoring", request);
      }
    },
    update: async ({ fields }, found, changes) => {
      const path = `${of.version}/${textOf(found["name"])}`;
      const changed = topFields(changes);
      const query = of.version === "v3" ? { updateMask: changed.join(",") } : {};
      const isWhole = of.version === "v1";
      const body = isWhole
        ? { ...found, ...fields }
        : { name: found["name"] ?? "", ...pick(fields, changed) };
      await google.call("monitoring", { method: "PATCH", path, query, body });
    },
    remove: async (_, found) => {
      const path = `${of.version}/${textOf(found["name"])}`;
      await nullWhenMissing(() => google.call("monitoring", { method: "DELETE", path }));
    },
    differences: (wanted, found) => differences(wanted, found),
    owner: (_, found) => ownerOf(of.mark, installation, found),
    immutable: ["type"],
    list: async (project) => {
      const found = await all(project);
      return found.filter(isOurs).map((one): Listed => {
        return { name: `projects/${project}/${of.collection}/${called(one)}`, found: one };
      });
    },
  };
}

function pick(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, fields[name] ?? null] as const));
}
