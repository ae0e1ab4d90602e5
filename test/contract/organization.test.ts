import { afterEach, beforeEach, expect, test } from "vitest";
import { openGoogle } from "../../infra/platform/kinds/google.ts";
import { organizationObstacles } from "../../infra/platform/preflight/organization.ts";
import type { Fields } from "../../infra/platform/resource.ts";
import { startAnswering } from "../support/answering-server.ts";
import type { AnsweringServer } from "../support/answering-server.ts";
import { somePlatform } from "../support/platform/settings.ts";

let organization: AnsweringServer;

beforeEach(async () => {
  organization = await startAnswering();
});

afterEach(async () => {
  await organization.close();
});

/** What an organization with one rule forbids; every other policy may not be read. */
async function under(id: string, rule: Fields): Promise<readonly string[]> {
  const body = JSON.stringify({ spec: { rules: [rule] } });
  organization.answerBy((path) =>
    path.includes(`/policies/${id}:`) ? { body } : { status: 403, body: "{}" },
  );
  const google = openGoogle({
    endpoints: { orgpolicy: organization.url },
    localToken: () => Promise.resolve(null),
    pause: () => Promise.resolve(),
  });
  const obstacles = await organizationObstacles(google, somePlatform());
  expect(obstacles.filter(({ mend }) => mend === "")).toEqual([]);
  return obstacles.map(({ what }) => what);
}

test.each<readonly [string, Fields, string]>([
  ["iam.disableServiceAccountCreation", { enforce: true }, "nobody may make service accounts"],
  ["cloudfunctions.requireVPCConnector", { enforce: true }, "functions must have a VPC connector"],
  [
    "cloudfunctions.allowedIngressSettings",
    { values: { allowedValues: ["ALLOW_INTERNAL_ONLY"] } },
    "is not allowed: ALLOW_ALL",
  ],
  ["gcp.resourceLocations", { values: { deniedValues: ["europe-west3"] } }, "europe-west3"],
  ["gcp.resourceLocations", { values: { allowedValues: ["us-east1"] } }, "europe-west3"],
  [
    "gcp.restrictServiceUsage",
    { values: { deniedValues: ["run.googleapis.com"] } },
    "nobody may use some APIs: run.googleapis.com",
  ],
  ["gcp.restrictServiceUsage", { denyAll: true }, "run.googleapis.com"],
])("%s, %j: what it forbids is refused", async (id, rule, told) => {
  expect(await under(id, rule)).toEqual([expect.stringContaining(told)]);
});

test.each<readonly [string, Fields]>([
  ["iam.disableServiceAccountCreation", { enforce: false }],
  ["iam.disableServiceAccountCreation", { enforce: true, condition: { expression: "false" } }],
  ["cloudfunctions.allowedIngressSettings", { allowAll: true }],
  ["gcp.resourceLocations", { values: { allowedValues: ["in:eu-locations"] } }],
  ["gcp.resourceLocations", { values: { allowedValues: ["europe-west3"] } }],
  ["gcp.restrictServiceUsage", { values: { deniedValues: ["compute.googleapis.com"] } }],
])("%s, %j: what it leaves open is no obstacle", async (id, rule) => {
  expect(await under(id, rule)).toEqual([]);
});
