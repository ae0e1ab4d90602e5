import type { Api, Google, Request } from "../../../infra/platform/kinds/google.ts";
import { changePolicy } from "../../../infra/platform/kinds/policy.ts";
import { isObject, objects, textOf } from "../../../infra/platform/resource.ts";
import type { Fields, Json } from "../../../infra/platform/resource.ts";

/** Something that a person does to an installation, and what a plan shows of it: `<action> <key>: <fields>`. */
export type Hand = {
  readonly what: string;
  readonly change: (google: Google) => Promise<unknown>;
  readonly shown: readonly string[];
};

/** Names of the installation that the tests change. */
export const OWN = "projects/acme-slipway";
export const PLACE = `${OWN}/locations/europe-west3`;
export const DATABASE = `${OWN}/databases/slipway`;
export const DEV = "projects/acme-web-dev";
export const PROD = "projects/acme-web-prod";

/** A call of an API, as a person makes it. */
export type Call = (google: Google) => Promise<unknown>;

export function call(api: Api, request: Request): Call {
  return async (google) => google.call(api, request);
}

export function patch(api: Api, path: string, body: Fields): Call {
  const query = { updateMask: Object.keys(body).join(",") };
  return call(api, { method: "PATCH", path, query, body });
}

export function remove(api: Api, path: string): Call {
  return call(api, { method: "DELETE", path });
}

export function post(api: Api, path: string, body: Fields = {}): Call {
  return call(api, { method: "POST", path, body });
}

/** A patch of Pub/Sub, which wants the resource in the body. */
export function patchWrapped(path: string, key: string, body: Fields): Call {
  const wrapped = { [key]: { name: path.slice("v1/".length), ...body }, updateMask: maskOf(body) };
  return call("pubsub", { method: "PATCH", path, body: wrapped });
}

export function maskOf(body: Fields): string {
  return Object.keys(body).join(",");
}

/** The same with the name that Cloud Monitoring chose. */
export function onMonitoring(
  collection: string,
  isIt: (found: Fields) => boolean,
  act: (google: Google, found: Fields, path: string) => Promise<unknown>,
): Call {
  const version = collection.endsWith("/dashboards") ? "v1" : "v3";
  return async (google) => {
    const items = collection.split("/").at(-1) ?? "";
    const all = await google.list("monitoring", `${version}/${collection}`, { items });
    const found = all.find(isIt);
    if (found === undefined) {
      throw new Error(`none of ${collection} is it`);
    }
    return act(google, found, `${version}/${textOf(found["name"])}`);
  };
}

export function called(name: string): (found: Fields) => boolean {
  return ({ displayName }) => displayName === name;
}

export async function removeIt(google: Google, _: Fields, path: string): Promise<unknown> {
  return google.call("monitoring", { method: "DELETE", path });
}

/** The same on the schedule, whose name Firestore chose. */
export function onSchedule(act: (google: Google, path: string) => Promise<unknown>): Call {
  return async (google) => {
    const path = `v1/${DATABASE}/backupSchedules`;
    const found = await google.call("firestore", { method: "GET", path });
    const [first] = objects(found["backupSchedules"]);
    return act(google, `v1/${textOf(first?.["name"])}`);
  };
}

export function fieldsOf(value: Json | undefined): Fields {
  return isObject(value) ? value : {};
}

export function without(on: string, role: string): Call {
  return async (google) => changePolicy(google, on, (there) => ({ ...there, [role]: [] }));
}
