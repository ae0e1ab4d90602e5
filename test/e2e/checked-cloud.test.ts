import { afterAll, beforeAll, expect, test } from "vitest";

import type { CloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import { DEVELOPER, OWNER } from "../../infra/local/account-roles.ts";
import { FIRST_SAMPLE } from "../../infra/local/sample-image.ts";
import { LOCAL_PEOPLE, LOCAL_PROJECT } from "../../infra/local/settings.ts";
import { type LocalWorld, openLocalWorld } from "../support/local-world.ts";
import { playJob } from "../support/rights-job.ts";
import { meetOtherWriters, outliveBackups } from "../support/rights-rare.ts";
import { playRights, RIGHTS } from "../support/rights-story.ts";
import { refusedRights, unusedGrants, unusedRights } from "../support/rights-used.ts";
import { until } from "../support/until.ts";
import { cliIn } from "./cli-setting.ts";

const RUN = `serviceAccount:slipway-run@${LOCAL_PROJECT}.iam.gserviceaccount.com`;
const DEPLOY = `serviceAccount:slipway-deploy@${LOCAL_PROJECT}.iam.gserviceaccount.com`;
const API = `serviceAccount:slipway-api@${LOCAL_PROJECT}.iam.gserviceaccount.com`;
const PROJECT = `projects/${LOCAL_PROJECT}`;
const SERVICE = FIRST_SAMPLE.service;
const TAG = "aaaaaaaaaaaa_1";
const RELEASER = "roles/clouddeploy.releaser";

let world: LocalWorld;
let access: CloudAccess;

beforeAll(async () => {
  world = await openLocalWorld({ isSignedOut: true });
  access = world.cloud.access;
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
  expect(refusedRights(access)).toEqual([]);
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
  const unused = unusedGrants(access);
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

test.for([
  "/",
  `/services/${SERVICE}`,
  `/services/${SERVICE}/environments/prod`,
  `/services/${SERVICE}/timeline`,
  `/services/${SERVICE}/environments/prod/rollback`,
  "/numbers",
  "/changed",
  "/holds",
  "/decisions",
  `/audit?service=${SERVICE}`,
])("the page %s opens with the rights of the account that decides", async (path) => {
  const before = access.recording().refused.length;
  const headers = { cookie: `slipway-person=${LOCAL_PEOPLE.oncall}` };
  const page = await fetch(`${world.file.dashboard}${path}`, { headers, redirect: "manual" });
  expect(page.status).toBe(200);
  const refused = access.recording().refused.slice(before);
  expect(refused.filter(({ member }) => member === API)).toEqual([]);
});

test("every right that an installation gives is used, and no other is asked for", async () => {
  const asOwner = async (work: () => Promise<void>): Promise<void> => {
    access.use({ anonymous: OWNER });
    await work();
    access.use({ anonymous: DEVELOPER });
  };
  await playRights(world, asOwner);
  await playJob(world, asOwner);
  await asOwner(async () => outliveBackups(world, RIGHTS));
  await meetOtherWriters(world, access);
  expect(refusedRights(access)).toEqual([]);
  expect(unusedRights(access)).toEqual([]);
});

const TAKEN = [
  {
    from: PROJECT,
    role: RELEASER,
    account: RUN,
    tag: "bbbbbbbbbbbb_2",
    missing: "clouddeploy.releases.create",
  },
  {
    from: "projects/msp-testbed-dev-8d3f",
    role: "projects/msp-testbed-dev-8d3f/roles/slipwayDeploy",
    account: DEPLOY,
    tag: "cccccccccccc_3",
    missing: "run.services.update",
  },
] as const;

test.each(TAKEN)(
  "without $role, the failure names the permission that is missing",
  async ({ from, role, account, tag, missing }) => {
    const { bindings = [] } = access.policies.get(from);
    access.policies.set(from, { bindings: bindings.filter((one) => one.role !== role) });
    await world.push(FIRST_SAMPLE.image, tag);
    await until(
      "the promotion says why it failed",
      async () => shown("/promotions"),
      (text) => text.includes(`Permission '${missing}' denied`),
    );
    const refused = access.recording().refused.filter(({ member }) => member === account);
    expect(refused.map(({ permission }) => permission)).toContain(missing);
    access.policies.set(from, { bindings });
    // Promotions that were under way asked for the same role.
    access.recording().forgetRefused();
  },
);
