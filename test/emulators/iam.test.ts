import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { memoryPersistence } from "../support/memory-persistence.ts";
import { type IamSetting, openIam } from "./iam-setting.ts";

const EMAIL = "slipway-run@acme.iam.gserviceaccount.com";
const ACCOUNT = `v1/projects/acme/serviceAccounts/${EMAIL}`;
const ROLE = "projects/acme/roles/slipwayState";
const DAY_MS = 86_400_000;

let setting: IamSetting;

beforeEach(async () => {
  setting = await openIam();
});

afterEach(async () => {
  await setting.iam.close();
});

async function createAccount(
  accountId = "slipway-run",
): Promise<Awaited<ReturnType<IamSetting["ask"]>>> {
  const serviceAccount = { displayName: "Runs", description: "acts" };
  return setting.ask("POST", "v1/projects/acme/serviceAccounts", { accountId, serviceAccount });
}

async function createRole(role: object = {}): Promise<Awaited<ReturnType<IamSetting["ask"]>>> {
  const includedPermissions = ["datastore.entities.get", "datastore.databases.get"];
  const body = {
    roleId: "slipwayState",
    role: { title: "State", stage: "GA", includedPermissions, ...role },
  };
  return setting.ask("POST", "v1/projects/acme/roles", body);
}

describe("service accounts", () => {
  test("are made, and found by address, also without their project", async () => {
    const { body } = await createAccount();
    expect(body).toMatchObject({
      name: `projects/acme/serviceAccounts/${EMAIL}`,
      projectId: "acme",
      email: EMAIL,
      displayName: "Runs",
      description: "acts",
    });
    expect(body["uniqueId"]).toMatch(/^1\d{20}$/);
    for (const name of [
      `acme/serviceAccounts/${EMAIL}`,
      `-/serviceAccounts/${EMAIL}`,
      `123456789012/serviceAccounts/${EMAIL}`,
    ]) {
      expect((await setting.ask("GET", `v1/projects/${name}`)).body).toEqual(body);
    }
    const list = await setting.ask("GET", "v1/projects/acme/serviceAccounts");
    expect(list.body).toEqual({ accounts: [body] });
  });

  test.each([
    ["short", 400],
    ["six-ok", 200],
    ["a".repeat(30), 200],
    ["a".repeat(31), 400],
    ["1digit-first", 400],
    ["hyphen-last-", 400],
    ["Upper-case", 400],
  ])("with the id %s are answered %i", async (id, status) => {
    expect((await createAccount(id)).status).toBe(status);
  });

  test("of one name are there once, and a hundred in a project", async () => {
    await createAccount();
    expect((await createAccount()).body).toMatchObject({ error: { status: "ALREADY_EXISTS" } });
    for (let count = 1; count < 100; count += 1) {
      await createAccount(`account-${count}`);
    }
    expect((await createAccount("one-too-many")).status).toBe(429);
  });

  test("of a project that is not there are refused", async () => {
    const path = "v1/projects/none/serviceAccounts";
    const refused = await setting.ask("POST", path, { accountId: "slipway-run" });
    expect(refused.status).toBe(403);
  });

  test("are changed in what the mask names, and not over somebody's change", async () => {
    const { body } = await createAccount();
    const serviceAccount = { displayName: "Acts", description: "x", etag: body["etag"] };
    const patch = { serviceAccount, updateMask: "displayName" };
    const changed = await setting.ask("PATCH", ACCOUNT, patch);
    expect(changed.body).toMatchObject({ displayName: "Acts", description: "acts" });
    expect((await setting.ask("PATCH", ACCOUNT, patch)).status).toBe(409);
    const odd = { serviceAccount: { email: "x" }, updateMask: "email" };
    expect((await setting.ask("PATCH", ACCOUNT, odd)).body).toMatchObject({ email: EMAIL });
  });

  test("that are deleted stay in policies as deleted", async () => {
    const { body } = await createAccount();
    const role = "roles/run.invoker";
    const members = [`serviceAccount:${EMAIL}`];
    setting.access.policies.set("projects/acme/topics/t", { bindings: [{ role, members }] });
    await setting.ask("DELETE", ACCOUNT);
    const gone = `deleted:serviceAccount:${EMAIL}?uid=${String(body["uniqueId"])}`;
    expect(setting.access.policies.get("projects/acme/topics/t").bindings).toEqual([
      { role, members: [gone] },
    ]);
    expect((await setting.ask("GET", ACCOUNT)).status).toBe(404);
  });

  test("made anew are others than those that were deleted", async () => {
    const first = await createAccount();
    await setting.ask("DELETE", ACCOUNT);
    const second = await createAccount();
    expect(second.body["uniqueId"]).not.toBe(first.body["uniqueId"]);
  });

  test("cannot be named in policies before they are there", async () => {
    const bindings = [{ role: "roles/run.invoker", members: [`serviceAccount:${EMAIL}`] }];
    const bind = (): unknown => setting.access.policies.set("projects/acme", { bindings });
    const unseen = await setting.ask("GET", ACCOUNT);
    expect(unseen.status).toBe(404);
    expect(JSON.stringify(unseen.body)).toContain("does not exist");
    expect(bind).toThrow(`Service account ${EMAIL} does not exist.`);
    await createAccount();
    expect((await setting.ask("GET", ACCOUNT)).status).toBe(200);
    expect(bind).not.toThrow();
  });

  test("have policies of their own", async () => {
    await createAccount();
    const bindings = [{ role: "roles/iam.serviceAccountUser", members: ["user:bob@example.com"] }];
    const set = await setting.ask("POST", `${ACCOUNT}:setIamPolicy`, { policy: { bindings } });
    expect(set.body).toMatchObject({ bindings });
    expect((await setting.ask("POST", `${ACCOUNT}:getIamPolicy`)).body).toEqual(set.body);
    const stale = { policy: { etag: "ACAB", bindings } };
    expect((await setting.ask("POST", `${ACCOUNT}:setIamPolicy`, stale)).status).toBe(409);
    const resource = `projects/-/serviceAccounts/${EMAIL}`;
    const question = {
      member: "user:bob@example.com",
      permission: "iam.serviceAccounts.actAs",
      resource,
    };
    expect(setting.access.allows(question)).toBe(true);
  });
});

describe("roles", () => {
  test("predefined ones have their permissions and are not changed", async () => {
    const role = await setting.ask("GET", "v1/roles/run.invoker");
    expect(role.body).toMatchObject({
      name: "roles/run.invoker",
      title: "Cloud Run Invoker",
      includedPermissions: ["run.jobs.run", "run.routes.invoke"],
      stage: "GA",
    });
    expect((await setting.ask("PATCH", "v1/roles/run.invoker", {})).status).toBe(501);
    expect((await setting.ask("GET", "v1/roles/run.king")).status).toBe(404);
  });

  test("of a project give what they are made of, from both sides of a change", async () => {
    const { body } = await createRole();
    expect(body).toMatchObject({
      name: ROLE,
      includedPermissions: ["datastore.databases.get", "datastore.entities.get"],
    });
    expect((await createRole()).status).toBe(409);
    const path = `v1/${ROLE}?updateMask=includedPermissions`;
    const patch = { includedPermissions: ["datastore.entities.get"], title: "ignored" };
    const changed = await setting.ask("PATCH", path, patch);
    expect(changed.body).toMatchObject({
      title: "State",
      includedPermissions: patch.includedPermissions,
    });
    const stale = await setting.ask("PATCH", path, { ...patch, etag: body["etag"] });
    expect(stale.status).toBe(409);
  });

  test.each([
    ["a permission that is not there", { includedPermissions: ["run.kings.crown"] }, "not valid"],
    ["a long title", { title: "t".repeat(101) }, "at most 100 bytes"],
    ["a stage that is not there", { stage: "FINAL" }, "role.stage"],
    ["a field that is not there", { colour: "red" }, "colour"],
  ])("with %s are refused", async (_, role, reason) => {
    const refused = await createRole(role);
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.body)).toContain(reason);
  });

  test("that are deleted give nothing, keep their id for 37 days, and come back within 7", async () => {
    await createRole();
    const question = {
      member: "user:bob@example.com",
      permission: "datastore.entities.get",
      resource: "projects/acme",
    };
    setting.access.policies.set("projects/acme", {
      bindings: [
        { role: ROLE, members: ["user:bob@example.com"] },
        { role: "roles/owner", members: ["user:ann@example.com"] },
      ],
    });
    expect(setting.access.allows(question)).toBe(true);
    expect((await setting.ask("DELETE", `v1/${ROLE}`)).body).toMatchObject({ deleted: true });
    expect(setting.access.allows(question)).toBe(false);
    expect(JSON.stringify((await createRole()).body)).toContain("marked for deletion");
    await setting.clock.advance(7 * DAY_MS - 1);
    expect((await setting.ask("POST", `v1/${ROLE}:undelete`, {})).status).toBe(200);
    expect(setting.access.allows(question)).toBe(true);
    await setting.ask("DELETE", `v1/${ROLE}`);
    await setting.clock.advance(7 * DAY_MS);
    expect((await setting.ask("POST", `v1/${ROLE}:undelete`, {})).status).toBe(400);
    await setting.clock.advance(30 * DAY_MS - 1);
    expect((await createRole()).status).toBe(400);
    await setting.clock.advance(1);
    expect((await createRole()).status).toBe(200);
  });

  test("that are disabled give nothing", async () => {
    await createRole({ stage: "DISABLED" });
    const question = {
      member: "user:bob@example.com",
      permission: "datastore.entities.get",
      resource: "projects/acme",
    };
    setting.access.policies.set("projects/acme", {
      bindings: [{ role: ROLE, members: ["user:bob@example.com"] }],
    });
    expect(setting.access.allows(question)).toBe(false);
  });
});

test("accounts, roles and policies survive a restart", async () => {
  const persistence = memoryPersistence();
  const first = await openIam(persistence);
  await first.ask("POST", "v1/projects/acme/serviceAccounts", { accountId: "slipway-run" });
  const kept = await first.ask("GET", ACCOUNT);
  await first.iam.close();
  const second = await openIam(persistence);
  expect((await second.ask("GET", ACCOUNT)).body).toEqual(kept.body);
  second.iam.reset();
  expect((await second.ask("GET", ACCOUNT)).status).toBe(404);
  await second.iam.close();
});
