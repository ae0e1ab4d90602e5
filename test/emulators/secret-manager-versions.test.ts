import { afterEach, beforeEach, expect, test } from "vitest";

import {
  addText,
  createSigning,
  NUMBERED_SECRET,
  openSecretManager,
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

function version(id: number | string): { readonly name: string } {
  return { name: `${SECRET}/versions/${id}` };
}

test("a version is read by its number and by latest, and the answer names the number", async () => {
  await createSigning(setting);
  expect(await addText(setting, "first")).toBe(`${NUMBERED_SECRET}/versions/1`);
  expect(await addText(setting, "second")).toBe(`${NUMBERED_SECRET}/versions/2`);
  expect(await readText(setting, "1")).toBe("first");
  expect(await readText(setting, "latest")).toBe("second");
  const [answer] = await setting.client.accessSecretVersion(version("latest"));
  expect(answer.name).toBe(`${NUMBERED_SECRET}/versions/2`);
});

test("the checksum of a payload is given with it, whether or not the caller sent one", async () => {
  await createSigning(setting);
  const data = Buffer.from("123456789");
  // The check value of CRC-32C for this text.
  const dataCrc32c = String(0xe3069283);
  const [checked] = await setting.client.addSecretVersion({
    parent: SECRET,
    payload: { data, dataCrc32c },
  });
  const [unchecked] = await setting.client.addSecretVersion({ parent: SECRET, payload: { data } });
  expect([checked, unchecked].map((one) => one.clientSpecifiedPayloadChecksum)).toEqual([
    true,
    false,
  ]);
  const [{ payload }] = await setting.client.accessSecretVersion(version("latest"));
  expect(payload?.dataCrc32c).toBe(dataCrc32c);
});

test("a payload with a wrong checksum is refused and makes no version", async () => {
  await createSigning(setting);
  const payload = { data: Buffer.from("secret"), dataCrc32c: 1 };
  await expect(setting.client.addSecretVersion({ parent: SECRET, payload })).rejects.toMatchObject({
    code: 3,
  });
  expect((await setting.client.listSecretVersions({ parent: SECRET }))[0]).toEqual([]);
});

test("a payload of 64 KiB is kept, one byte more is refused, and so is none", async () => {
  await createSigning(setting);
  const add = (bytes: number): Promise<unknown> =>
    setting.client.addSecretVersion({ parent: SECRET, payload: { data: Buffer.alloc(bytes, 1) } });
  await add(64 * 1024);
  await expect(add(64 * 1024 + 1)).rejects.toMatchObject({ code: 3 });
  await expect(add(0)).rejects.toMatchObject({ code: 3 });
  expect(await readText(setting, "latest")).toHaveLength(64 * 1024);
});

test("latest is the version created last even when it is disabled, and reading it then fails", async () => {
  await createSigning(setting);
  await addText(setting, "first");
  await addText(setting, "second");
  await setting.client.disableSecretVersion(version(2));
  await expect(readText(setting, "latest")).rejects.toMatchObject({
    code: 9,
    details: `Secret Version [${NUMBERED_SECRET}/versions/2] is in DISABLED state.`,
  });
  expect(await readText(setting, "1")).toBe("first");
  await setting.client.enableSecretVersion(version(2));
  expect(await readText(setting, "latest")).toBe("second");
});

test("a destroyed version has no data, a destroy time, and never comes back", async () => {
  await createSigning(setting);
  await addText(setting, "first");
  await setting.clock.advance(60_000);
  const [destroyed] = await setting.client.destroySecretVersion(version(1));
  expect(destroyed).toMatchObject({
    state: "DESTROYED",
    destroyTime: { seconds: String(Date.parse("2026-11-20T10:01:00Z") / 1_000) },
  });
  await expect(readText(setting, "1")).rejects.toMatchObject({ code: 9 });
  await expect(setting.client.enableSecretVersion(version(1))).rejects.toMatchObject({ code: 9 });
  await expect(setting.client.destroySecretVersion(version(1))).rejects.toMatchObject({ code: 9 });
  expect(await addText(setting, "second")).toBe(`${NUMBERED_SECRET}/versions/2`);
});

test("a version that has changed has a new etag, and an old one is refused", async () => {
  await createSigning(setting);
  await addText(setting, "first");
  const [{ etag }] = await setting.client.getSecretVersion(version(1));
  const [disabled] = await setting.client.disableSecretVersion({ ...version(1), etag: etag ?? "" });
  expect(disabled.etag).not.toBe(etag);
  await expect(
    setting.client.enableSecretVersion({ ...version(1), etag: etag ?? "" }),
  ).rejects.toMatchObject({ code: 9 });
  const current = { ...version(1), etag: disabled.etag ?? "" };
  expect((await setting.client.enableSecretVersion(current))[0].state).toBe("ENABLED");
});

test("versions are listed newest first and filtered by state, in pages", async () => {
  await createSigning(setting);
  for (const text of ["first", "second", "third"]) {
    await addText(setting, text);
    await setting.clock.advance(1);
  }
  await setting.client.disableSecretVersion(version(2));
  const list = async (request: object): Promise<readonly string[]> => {
    const [versions] = await setting.client.listSecretVersions({ parent: SECRET, ...request });
    return versions.map((one) => one.name?.split("/").at(-1) ?? "");
  };
  expect(await list({})).toEqual(["3", "2", "1"]);
  expect(await list({ filter: "state:ENABLED" })).toEqual(["3", "1"]);
  const [page, next] = await setting.client.listSecretVersions(
    { parent: SECRET, pageSize: 2 },
    { autoPaginate: false },
  );
  expect(page).toHaveLength(2);
  expect(await list({ pageToken: next?.pageToken })).toEqual(["1"]);
});

test("a version that does not exist, a name that is none and a secret without versions are not found", async () => {
  await createSigning(setting);
  await expect(readText(setting, "latest")).rejects.toMatchObject({
    code: 5,
    details: `Secret [${NUMBERED_SECRET}] not found or has no versions.`,
  });
  await addText(setting, "first");
  await expect(readText(setting, "2")).rejects.toMatchObject({
    code: 5,
    details: `Secret Version [${NUMBERED_SECRET}/versions/2] not found.`,
  });
  await expect(readText(setting, "stable")).rejects.toMatchObject({ code: 5 });
});

test("a version is changed by its number only", async () => {
  await createSigning(setting);
  await addText(setting, "first");
  for (const name of ["latest", "stable"]) {
    await expect(setting.client.destroySecretVersion(version(name))).rejects.toMatchObject({
      code: 5,
    });
  }
  expect(await readText(setting, "1")).toBe("first");
});
