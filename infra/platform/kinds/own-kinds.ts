import { PermanentError } from "../../../shared/ports/errors.ts";
import { differences } from "../engine/differences.ts";
import type { Driver } from "../engine/driver.ts";
import { isObject, objects, textOf, texts } from "../resource.ts";
import type { Fields, Resource } from "../resource.ts";
import type { Google } from "./google.ts";
import { findPolicy, policyBehind } from "./policy.ts";
import { behind, parentOf } from "./rest-kind.ts";
import { ownerOf } from "./marks.ts";

/** How many APIs one call turns on. Source: https://cloud.google.com/service-usage/docs/reference/rest/v1/services/batchEnable */
const APIS_A_CALL_MAX = 20;

/** APIs are turned on, and never off: others of the project may need them. */
export function apisKind(google: Google): Driver {
  const enable = async ({ name, fields }: Resource, found: Fields): Promise<void> => {
    const missing = missingOf(fields, found);
    for (let first = 0; first < missing.length; first += APIS_A_CALL_MAX) {
      const serviceIds = missing.slice(first, first + APIS_A_CALL_MAX);
      await google.call("serviceusage", {
        method: "POST",
        path: `v1/${name}:batchEnable`,
        body: { serviceIds },
      });
    }
  };
  return {
    behind: () => null,
    read: async ({ name }) => {
      const services = await google.list("serviceusage", `v1/${name}`, {
        items: "services",
        query: { filter: "state:ENABLED", pageSize: "200" },
      });
      const enabled = services.map((service) => textOf(service["name"]).split("/").at(-1) ?? "");
      return { enabled: enabled.toSorted() };
    },
    create: async (resource) => enable(resource, {}),
    update: async (resource, found) => enable(resource, found),
    remove: () => Promise.resolve(),
    differences: (wanted, found) =>
      missingOf(wanted, found).map((api) => ({ field: api, from: "off", to: "on" })),
    owner: () => ({ kind: "unmarked" }),
    immutable: [],
  };
}

function missingOf(wanted: Fields, found: Fields): readonly string[] {
  const there = new Set(texts(found["enabled"]));
  return texts(wanted["enabled"]).filter((api) => !there.has(api));
}

/**
 * Service agents are made when asked for; asking twice is harmless. Whether one is there shows in the policy that
 * names it.
 * Source: https://cloud.google.com/service-usage/docs/reference/rest/v1beta1/services/generateServiceIdentity
 */
export function agentKind(google: Google): Driver {
  return {
    behind: ({ fields, project }) => {
      const by = isObject(fields["namedBy"]) ? fields["namedBy"] : {};
      return policyBehind(textOf(by["on"]), project);
    },
    read: async ({ fields }) => {
      const by = isObject(fields["namedBy"]) ? fields["namedBy"] : {};
      const policy = await findPolicy(google, textOf(by["on"]));
      const member = `serviceAccount:${textOf(fields["email"])}`;
      return policy?.[textOf(by["role"])]?.includes(member) === true ? fields : null;
    },
    create: async ({ name }) => {
      await google.call("serviceusage", {
        method: "POST",
        path: `v1beta1/${name}:generateServiceIdentity`,
        body: {},
      });
    },
    update: () => Promise.resolve(),
    remove: () => Promise.resolve(),
    differences: () => [],
    owner: () => ({ kind: "unmarked" }),
    immutable: [],
  };
}

/**
 * Custom roles. One that was deleted is kept by IAM for a week, and is taken back rather than made.
 * Source: https://cloud.google.com/iam/docs/reference/rest/v1/projects.roles
 */
export function roleKind(google: Google, installation: string): Driver {
  const patch = async (name: string, fields: Fields): Promise<void> => {
    await google.call("iam", {
      method: "PATCH",
      path: `v1/${name}`,
      query: { updateMask: Object.keys(fields).join(",") },
      body: fields,
    });
  };
  const read = async (name: string): Promise<Fields | null> =>
    google.find("iam", { method: "GET", path: `v1/${name}` });
  return {
    behind: behind("iam"),
    read: async ({ name }) => {
      const found = await read(name);
      return found === null || found["deleted"] === true
        ? null
        : { ...found, includedPermissions: texts(found["includedPermissions"]).toSorted() };
    },
    create: async ({ name, fields }) => {
      if ((await read(name))?.["deleted"] === true) {
        await google.call("iam", { method: "POST", path: `v1/${name}:undelete`, body: {} });
        await patch(name, fields);
        return;
      }
      await google.call("iam", {
        method: "POST",
        path: `v1/${parentOf(name)}/roles`,
        body: { roleId: name.split("/").at(-1) ?? "", role: fields },
      });
    },
    update: async ({ name, fields }) => patch(name, fields),
    remove: async ({ name }) => {
      await google.find("iam", { method: "DELETE", path: `v1/${name}` });
    },
    differences: (wanted, found) => differences(wanted, found),
    owner: (_, found) => ownerOf("description", installation, found),
    immutable: [],
  };
}

/**
 * The daily schedule of backups, whose name Firestore chooses; a database has one daily schedule at most.
 * Source: https://cloud.google.com/firestore/docs/reference/rest/v1/projects.databases.backupSchedules
 */
export function backupScheduleKind(google: Google): Driver {
  const find = async ({ name }: Resource): Promise<Fields | null> => {
    const path = `v1/${parentOf(name)}/backupSchedules`;
    const found = await google.find("firestore", { method: "GET", path });
    const all = objects(found?.["backupSchedules"]);
    return all.find((one) => one["dailyRecurrence"] !== undefined) ?? null;
  };
  return {
    behind: behind("firestore"),
    read: find,
    create: async (resource) => {
      const { name, fields } = resource;
      if ((await find(resource)) === null) {
        const path = `v1/${parentOf(name)}/backupSchedules`;
        await google.call("firestore", { method: "POST", path, body: fields, isOnce: true });
      }
    },
    update: async ({ fields }, found) => {
      const name = textOf(found["name"]);
      await google.call("firestore", {
        method: "PATCH",
        path: `v1/${name}`,
        query: { updateMask: "retention" },
        body: { name, retention: fields["retention"] ?? null },
      });
    },
    remove: async (_, found) => {
      if (typeof found["name"] !== "string") {
        throw new PermanentError("INTERNAL", "a backup schedule has no name", null);
      }
      await google.find("firestore", { method: "DELETE", path: `v1/${found["name"]}` });
    },
    differences: (wanted, found) => differences(wanted, found),
    owner: () => ({ kind: "unmarked" }),
    immutable: [],
  };
}
