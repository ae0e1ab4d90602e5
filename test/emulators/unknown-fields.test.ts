import { describe, expect, test } from "vitest";
import { startCloudBilling } from "../../emulators/cloud-billing/server.ts";
import { startGkeBackup } from "../../emulators/gke-backup/server.ts";
import { startIam } from "../../emulators/iam/server.ts";
import { startIdentity } from "../../emulators/identity/server.ts";
import { manualClock } from "../support/manual-clock.ts";
import type { Method } from "../../emulators/kit/method.ts";
import { knownProjects } from "../../emulators/kit/projects.ts";
import type { RunningServer } from "../../emulators/kit/server.ts";
import { startMonitoring } from "../../emulators/monitoring/server.ts";
import { startResourceManager } from "../../emulators/resource-manager/server.ts";
import { startServiceUsage } from "../../emulators/service-usage/server.ts";
import { startStorage } from "../../emulators/storage/server.ts";
import { toPath } from "./alike-names.ts";
import { ALIKE_SERVICES } from "./alike-services.ts";
import { JSON_TYPE, PLACE } from "./kept-send.ts";

type Told = { readonly status: number; readonly message: string };

const UNBOUND =
  "Invalid JSON payload received. Unknown name \"nonsense\": Cannot bind query parameter. Field 'nonsense' could not be found in request message.";

async function send(url: string, verb: string, body?: object): Promise<Told> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: JSON_TYPE };
  const response = await fetch(url, { method: verb, ...sent });
  const text = await response.text();
  const [, message = ""] = /"message":"((?:[^"\\]|\\.)*)"/.exec(text) ?? [];
  return { status: response.status, message: message.replaceAll('\\"', '"') };
}

function unknown(place: string): Told {
  const at = place === "" ? "" : ` at '${place}'`;
  const message = `Invalid JSON payload received. Unknown name "nonsense"${at}: Cannot find field.`;
  return { status: 400, message };
}

const UNBOUND_TOLD: Told = { status: 400, message: UNBOUND };

/** What is asked of a method on each of its paths, with what is told and what should be. */
async function ask(server: RunningServer, method: Method): Promise<readonly Asked[]> {
  // Operations and locations are under every version that some API has; one says it for all.
  const isShared = /^google\.(?:longrunning|cloud\.location)\./.test(method.fullName);
  const routes = isShared ? method.routes.slice(0, 1) : method.routes;
  const asked = routes.map(async ({ rule }): Promise<readonly Asked[]> => {
    const url = `${server.url}${toPath(rule.template)}`;
    const about = `${method.fullName} by ${rule.verb} ${rule.template}`;
    const body = rule.body === "" ? undefined : {};
    const told = await send(`${url}?nonsense=1`, rule.verb, body);
    const first = { about, told, expected: UNBOUND_TOLD };
    if (body === undefined) {
      return [first];
    }
    const place = rule.body === "*" ? "" : rule.body;
    const second = await send(url, rule.verb, { nonsense: 1 });
    return [first, { about, told: second, expected: unknown(place) }];
  });
  return (await Promise.all(asked)).flat();
}

type Asked = { readonly about: string; readonly told: Told; readonly expected: Told };

test.each(Object.entries(ALIKE_SERVICES))(
  "%s refuses what none of its methods has",
  async (_name, { start }) => {
    const server = await start(manualClock());
    try {
      const asked = await Promise.all(server.methods.map(async (method) => ask(server, method)));
      const all = asked.flat();
      expect(all.length).toBeGreaterThan(0);
      expect(all.map(({ about, told }) => ({ about, told }))).toEqual(
        all.map(({ about, expected }) => ({ about, told: expected })),
      );
    } finally {
      await server.close();
    }
  },
);

const projects = knownProjects([{ projectId: "acme" }]);
const ACCOUNT = "v1/projects/acme/serviceAccounts/a@acme.iam.gserviceaccount.com";

/** APIs without descriptors. A place of null is where nobody reads a body. */
const OTHERS: readonly (readonly [
  start: () => Promise<RunningServer>,
  verb: string,
  path: string,
  place: string | null,
])[] = [
  [async () => startCloudBilling({ projects }), "GET", "v1/projects/acme/billingInfo", null],
  [startGkeBackup, "POST", `v1/${PLACE}/backupPlans?backupPlanId=p1`, "backup_plan"],
  [startGkeBackup, "GET", `v1/${PLACE}/backupPlans`, null],
  [startIam, "POST", "v1/projects/acme/serviceAccounts", ""],
  [startIam, "GET", "v1/projects/acme/serviceAccounts", null],
  [startIam, "POST", `${ACCOUNT}:setIamPolicy`, ""],
  [startIam, "POST", "v1/projects/acme/roles", ""],
  [startIdentity, "GET", "v1/groups:lookup", null],
  [startIdentity, "POST", `${ACCOUNT}:generateAccessToken`, ""],
  [startMonitoring, "GET", "v3/projects/acme/alerts", null],
  [startMonitoring, "GET", "v1/projects/acme/dashboards", null],
  [startMonitoring, "POST", "v1/projects/acme/dashboards", "dashboard"],
  [async () => startResourceManager({ projects }), "GET", "v3/projects:search", null],
  [async () => startResourceManager({ projects }), "POST", "v1/projects/acme:setIamPolicy", ""],
  [async () => startServiceUsage({ projects }), "GET", "v1/projects/acme/services", null],
  [
    async () => startServiceUsage({ projects }),
    "POST",
    "v1/projects/acme/services:batchEnable",
    "",
  ],
];

describe("without descriptors", () => {
  test.each(OTHERS)(
    "%o refuses in %s %s what it does not have",
    async (start, verb, path, place) => {
      const server = await start();
      try {
        const body = place === null ? undefined : {};
        const url = `${server.url}/${path}${path.includes("?") ? "" : "?"}`;
        expect(await send(`${url}&nonsense=1`, verb, body)).toEqual({
          status: 400,
          message: UNBOUND,
        });
        // A parameter that all APIs have is none of these.
        const system = await send(`${url}&prettyPrint=true&$alt=json`, verb, body);
        expect(system.message).not.toMatch(/Cannot (?:bind|find)/);
        const told = place === null ? unknown("") : await send(url, verb, { nonsense: 1 });
        expect(told).toEqual(unknown(place ?? ""));
      } finally {
        await server.close();
      }
    },
  );

  test("a parameter within a message is read as its type, and refused when it is none", async () => {
    const server = await startResourceManager({ projects });
    try {
      const url = `${server.url}/v1/projects/acme:getIamPolicy?options.requestedPolicyVersion`;
      expect(await send(`${url}=3`, "POST", {})).toEqual({ status: 200, message: "" });
      expect(await send(`${url}=x`, "POST", {})).toMatchObject({ status: 400 });
      expect(await send(`${url}s=3`, "POST", {})).toMatchObject({ status: 400 });
    } finally {
      await server.close();
    }
  });

  test("a value of another type is refused by its place, and null is none", async () => {
    const server = await startIam();
    try {
      const url = `${server.url}/v1/projects/acme/serviceAccounts`;
      const wrong = { serviceAccount: { displayName: 5 } };
      expect(await send(url, "POST", wrong)).toEqual({
        status: 400,
        message: "Invalid value at 'service_account.display_name' (TYPE_STRING), 5",
      });
      const right = { accountId: "account-1", serviceAccount: { displayName: null } };
      expect(await send(url, "POST", right)).toMatchObject({ status: 200 });
    } finally {
      await server.close();
    }
  });

  test("Cloud Storage takes what it does not know, and keeps nothing of it", async () => {
    const server = await startStorage();
    try {
      const url = `${server.url}/storage/v1/b?project=acme&nonsense=1`;
      expect(await send(url, "POST", { name: "things", nonsense: 1 })).toMatchObject({
        status: 200,
      });
      const kept = await (await fetch(`${server.url}/storage/v1/b/things`)).text();
      expect(kept).not.toContain("nonsense");
    } finally {
      await server.close();
    }
  });
});
