import { afterEach, beforeEach, expect, test } from "vitest";

import { memoryPersistence } from "../support/memory-persistence.ts";
import {
  addText,
  AUTOMATIC,
  createSigning,
  NUMBERED,
  NUMBERED_SECRET,
  openSecretManager,
  PROJECT,
  readText,
  SECRET,
  type Setting,
} from "./secret-manager-setting.ts";

let setting: Setting;
beforeEach(async () => {
  setting = await openSecretManager();
});
afterEach(async () => {
  await setting.close();
});

function create(secretId: string, secret: object = { replication: AUTOMATIC }): Promise<unknown> {
  return setting.client.createSecret({ parent: PROJECT, secretId, secret });
}

async function list(filter: string): Promise<readonly string[]> {
  const [secrets] = await setting.client.listSecrets({ parent: PROJECT, filter });
  return secrets.map((one) => one.name?.split("/").at(-1) ?? "");
}

test("a secret is created, read by project id or number, and deleted with its versions", async () => {
  await createSigning(setting);
  await addText(setting, "first");
  for (const name of [SECRET, NUMBERED_SECRET]) {
    expect((await setting.client.getSecret({ name }))[0]).toMatchObject({
      name: NUMBERED_SECRET,
      replication: { automatic: {} },
      createTime: { seconds: String(Date.parse("2026-11-20T10:00:00Z") / 1_000) },
    });
  }
  await setting.client.deleteSecret({ name: SECRET });
  await expect(setting.client.getSecret({ name: SECRET })).rejects.toMatchObject({
    code: 5,
    details: `Secret [${NUMBERED_SECRET}] not found.`,
  });
  await createSigning(setting);
  await expect(readText(setting, "1")).rejects.toMatchObject({ code: 5 });
});

test("a second secret of the same id is refused", async () => {
  await createSigning(setting);
  await expect(createSigning(setting)).rejects.toMatchObject({
    code: 6,
    details: `Secret [${NUMBERED_SECRET}] already exists.`,
  });
});

test("a secret needs a replication", async () => {
  await expect(create("a", {})).rejects.toMatchObject({ code: 3 });
  await expect(create("a", { replication: {} })).rejects.toMatchObject({ code: 3 });
});

test.each(["", "a b", "a/b", "a.b", "x".repeat(256)])(
  "a secret cannot have the id %j",
  async (id) => {
    await expect(create(id)).rejects.toMatchObject({ code: 3 });
  },
);

test("a secret is deleted by its own etag alone", async () => {
  await createSigning(setting);
  const [{ etag }] = await setting.client.getSecret({ name: SECRET });
  await expect(setting.client.deleteSecret({ name: SECRET, etag: '"0"' })).rejects.toMatchObject({
    code: 9,
  });
  await setting.client.deleteSecret({ name: SECRET, etag: etag ?? "" });
  expect(await list("")).toEqual([]);
});

test("what an installation has no use for is refused by name", async () => {
  for (const [field, value] of [
    ["ttl", { seconds: 3_600 }],
    ["labels", { team: "a" }],
    ["annotations", { note: "a" }],
    ["topics", [{ name: "projects/acme/topics/rotations" }]],
    ["versionDestroyTtl", { seconds: 86_400 }],
  ] as const) {
    await expect(create("a", { replication: AUTOMATIC, [field]: value })).rejects.toMatchObject({
      code: 12,
      details: expect.stringContaining(field) as unknown,
    });
  }
  const replicas = [{ location: "us-east1" }];
  const replication = { userManaged: { replicas } };
  await expect(create("a", { replication })).rejects.toMatchObject({ code: 12 });
  const parent = `${PROJECT}/locations/europe-west1`;
  await expect(
    setting.client.createSecret({ parent, secretId: "a", secret: {} }),
  ).rejects.toMatchObject({ code: 12 });
  expect(await list("")).toEqual([]);
});

test("secrets are listed newest first, by name", async () => {
  for (const id of ["a-key", "b-key", "other"]) {
    await create(id);
    await setting.clock.advance(1);
  }
  expect(await list("")).toEqual(["other", "b-key", "a-key"]);
  expect(await list("name:-key")).toEqual(["b-key", "a-key"]);
  await expect(list("name:(")).rejects.toMatchObject({ code: 3 });
});

test("an access policy is kept as data, and a stale one does not overwrite it", async () => {
  await createSigning(setting);
  const [empty] = await setting.client.getIamPolicy({ resource: SECRET });
  expect(empty.bindings).toEqual([]);
  const bindings = [{ role: "roles/secretmanager.secretAccessor", members: ["user:a@acme.test"] }];
  const policy = { bindings, etag: empty.etag ?? "" };
  await setting.client.setIamPolicy({ resource: SECRET, policy });
  expect((await setting.client.getIamPolicy({ resource: SECRET }))[0]).toMatchObject({ bindings });
  await expect(
    setting.client.setIamPolicy({ resource: SECRET, policy: { etag: empty.etag ?? "" } }),
  ).rejects.toMatchObject({ code: 10 });
  const permissions = ["secretmanager.versions.access"];
  const [granted] = await setting.client.testIamPermissions({ resource: SECRET, permissions });
  expect(granted.permissions).toEqual(permissions);
  const resource = `${PROJECT}/secrets/none`;
  const [none] = await setting.client.testIamPermissions({ resource, permissions });
  expect(none.permissions).toEqual([]);
});

test("over REST an error has the body that Google's APIs give, and a value comes as base64", async () => {
  const base = `${setting.server.url}/v1/${PROJECT}/secrets`;
  const missing = await fetch(`${base}/none/versions/latest:access`);
  expect(missing.status).toBe(404);
  expect(await missing.json()).toEqual({
    error: {
      code: 404,
      message: `Secret [${NUMBERED}/secrets/none] not found.`,
      status: "NOT_FOUND",
    },
  });
  await createSigning(setting);
  const added = await fetch(`${base}/slack-signing:addVersion`, {
    method: "POST",
    body: JSON.stringify({ payload: { data: Buffer.from("hi").toString("base64") } }),
  });
  expect(added.status).toBe(200);
  const answer = await fetch(`${base}/slack-signing/versions/latest:access`);
  expect(await answer.json()).toMatchObject({
    name: `${NUMBERED_SECRET}/versions/1`,
    payload: { data: "aGk=" },
  });
  const unknown = await fetch(`${base}/slack-signing:rotateSecret`, { method: "POST", body: "{}" });
  expect(unknown.status).toBe(501);
});

test("secrets, versions and policies survive a restart, and a reset forgets them", async () => {
  const persistence = memoryPersistence();
  const first = await openSecretManager({ persistence });
  await createSigning(first);
  await addText(first, "kept");
  const role = "roles/secretmanager.secretAccessor";
  const policy = { bindings: [{ role, members: ["allUsers"] }] };
  await first.client.setIamPolicy({ resource: SECRET, policy });
  await first.close();
  const second = await openSecretManager({ persistence });
  expect(await readText(second, "1")).toBe("kept");
  expect((await second.client.getIamPolicy({ resource: SECRET }))[0].bindings).toHaveLength(1);
  second.server.reset();
  await expect(readText(second, "1")).rejects.toMatchObject({ code: 5 });
  await second.close();
  const third = await openSecretManager({ persistence });
  await expect(third.client.getSecret({ name: SECRET })).rejects.toMatchObject({ code: 5 });
  await third.close();
});
