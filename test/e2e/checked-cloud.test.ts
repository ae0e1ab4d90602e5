import { afterAll, beforeAll, expect, test } from "vitest";

import type { CloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import { FIRST_SAMPLE } from "../../infra/local/sample-image.ts";
import { LOCAL_PROJECT } from "../../infra/local/settings.ts";
import { type LocalWorld, openLocalWorld } from "../support/local-world.ts";
import { until } from "../support/until.ts";
import { cliIn } from "./cli-setting.ts";

const RUN = `serviceAccount:slipway-run@${LOCAL_PROJECT}.iam.gserviceaccount.com`;
const API = `serviceAccount:slipway-api@${LOCAL_PROJECT}.iam.gserviceaccount.com`;
const PROJECT = `projects/${LOCAL_PROJECT}`;
const SERVICE = FIRST_SAMPLE.service;
const TAG = "aaaaaaaaaaaa_1";
const RELEASER = "roles/clouddeploy.releaser";

let world: LocalWorld;
let access: CloudAccess;

beforeAll(async () => {
  world = await openLocalWorld({ isChecked: true });
  access = world.cloud.access ?? expect.fail("this local cloud does not check its callers");
});

afterAll(async () => {
  await world.close();
});

/** What the API shows of the service, or of a part of it. */
async function shown(part = ""): Promise<string> {
  const { body } = await world.call("viewer", `GET /v1/services/${SERVICE}${part}`);
  return JSON.stringify(body);
}

/** Whether so many environments run the image. */
function isIn(text: string, count: number): boolean {
  return text.split(`"tag":"${TAG}"`).length > count;
}

/** The permissions that a member used, each once and in order. */
function usedBy(member: string): readonly string[] {
  const own = access.recording().used.filter((question) => question.member === member);
  return [...new Set(own.map(({ permission }) => permission))].toSorted();
}

test("it is what the file of its installation asks for", async () => {
  const plan = ["install", "plan", "--file", ".slipway/slipway.yaml"];
  const { code, out, err } = await cliIn(world.directory)(plan);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/^\d+ unchanged\.$/m);
});

test("a push reaches production with the few rights that each account has", async () => {
  await world.push(FIRST_SAMPLE.image, TAG);
  await until("the image is in dev", shown, (text) => isIn(text, 1));
  const line = `POST /v1/services/${SERVICE}/environments/prod:promote`;
  const promoted = await world.call("deployer", line, { reason: "it works in dev" });
  expect(promoted.status).toBe(202);
  await until("the image is in production", shown, (text) => isIn(text, 2));
  expect(access.recording().refused.filter(({ member }) => member !== null)).toEqual([]);
  expect(usedBy(RUN)).toEqual(
    expect.arrayContaining([
      "artifactregistry.dockerimages.get",
      "clouddeploy.releases.create",
      "cloudsql.backupRuns.create",
      "datastore.entities.create",
      "iam.serviceAccounts.actAs",
      "monitoring.alerts.list",
    ]),
  );
  // Nothing that the function can do that people reach is an act on the outside.
  const state =
    /^(?:datastore\.(?:databases|entities)\.(?:get|list|create|update)|pubsub\.topics\.publish)$/;
  expect(usedBy(API)).toContain("datastore.entities.create");
  expect(usedBy(API).filter((permission) => !state.test(permission))).toEqual([]);
  const unused = access.recording().unused();
  expect(unused).toContainEqual({
    member: RUN,
    role: RELEASER,
    resource: PROJECT,
    permission: "clouddeploy.rollouts.cancel",
  });
  expect(unused.map(({ member, permission }) => `${member} ${permission}`)).not.toContain(
    `${RUN} clouddeploy.releases.create`,
  );
});

test("with one role taken away, the failure names the permission that is missing", async () => {
  const { bindings = [] } = access.policies.get(PROJECT);
  access.policies.set(PROJECT, { bindings: bindings.filter(({ role }) => role !== RELEASER) });
  await world.push(FIRST_SAMPLE.image, "bbbbbbbbbbbb_2");
  await until(
    "the promotion says why it failed",
    async () => shown("/promotions"),
    (text) => text.includes("Permission 'clouddeploy.releases.create' denied"),
  );
  const missing = access.recording().refused.filter(({ member }) => member === RUN);
  expect(missing.map(({ permission }) => permission)).toContain("clouddeploy.releases.create");
});
