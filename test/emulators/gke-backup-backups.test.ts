import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  BACKUP_MS,
  createPlan,
  DAY_MS,
  listIds,
  openGkeBackup,
  OPERATION_MS,
  PLAN,
  readOperation,
  type Setting,
  takeBackup,
  writeContent,
} from "./gke-backup-setting.ts";

const BACKUP = `${PLAN}/backups/one`;

let setting: Setting;
beforeEach(async () => {
  setting = await openGkeBackup();
  await createPlan(setting);
  await writeContent(setting, "api", "v1");
});
afterEach(async () => {
  await setting.close();
});

/** The state of the backup now. */
async function readState(): Promise<unknown> {
  return (await setting.send("GET", BACKUP)).json.state;
}

describe("a backup", () => {
  test("goes on by its state after its operation is done", async () => {
    const body = { description: "pre-deploy", labels: { rollout: "api-1" } };
    const reply = await setting.send("POST", `${PLAN}/backups?backupId=one`, body);
    expect(reply.json).toMatchObject({ metadata: { target: BACKUP, verb: "create" } });
    expect(await readState()).toBe("CREATING");
    await setting.clock.advance(OPERATION_MS);
    expect(await readOperation(setting, reply)).toMatchObject({
      done: true,
      response: { name: BACKUP, state: "IN_PROGRESS" },
    });
    await setting.clock.advance(BACKUP_MS - OPERATION_MS - 1);
    expect(await readState()).toBe("IN_PROGRESS");
    await setting.clock.advance(1);
    expect((await setting.send("GET", BACKUP)).json).toMatchObject({
      state: "SUCCEEDED",
      manual: true,
      retainDays: 14,
      containsVolumeData: true,
      selectedNamespaces: { namespaces: ["api"] },
      completeTime: "2026-11-20T10:01:05Z",
      retainExpireTime: "2026-12-04T10:00:05Z",
      ...body,
    });
  });

  test("that is told to fail ends in FAILED and says why, though its operation succeeded", async () => {
    setting.server.failNext({ plan: PLAN, message: "Failed to backup PVC" });
    const reply = await setting.send("POST", `${PLAN}/backups?backupId=one`, {});
    await setting.clock.advance(BACKUP_MS);
    expect(await readOperation(setting, reply)).not.toHaveProperty("error");
    expect((await setting.send("GET", BACKUP)).json).toMatchObject({
      state: "FAILED",
      stateReason: "Failed to backup PVC",
    });
    expect((await takeBackup(setting, "two")).state).toBe("SUCCEEDED");
  });

  test("has a name that nobody else has; without one it gets one", async () => {
    await takeBackup(setting, "one");
    expect((await setting.send("POST", `${PLAN}/backups?backupId=one`, {})).status).toBe(409);
    expect((await setting.send("POST", `${PLAN}/backups`)).status).toBe(200);
    const ids = await listIds(setting, `${PLAN}/backups`);
    expect(ids).toHaveLength(2);
  });

  test("is refused while another of the plan is under way, even asked for at once", async () => {
    const asked = Array.from({ length: 10 }, async (_, index) =>
      setting.send("POST", `${PLAN}/backups?backupId=b${index}`, {}),
    );
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.toSorted((left, right) => left - right)).toEqual([
      200,
      ...Array.from({ length: 9 }, () => 400),
    ]);
    await setting.clock.advance(BACKUP_MS);
    expect(await listIds(setting, `${PLAN}/backups`)).toHaveLength(1);
    expect((await setting.send("POST", `${PLAN}/backups?backupId=next`, {})).status).toBe(200);
  });

  test("is found by label and state, newest first when asked", async () => {
    await takeBackup(setting, "one", { labels: { rollout: "a" } });
    setting.server.failNext({ plan: PLAN, message: "no" });
    await takeBackup(setting, "two", { labels: { rollout: "b" } });
    await takeBackup(setting, "three", { labels: { rollout: "b" } });
    const path = `${PLAN}/backups`;
    expect(await listIds(setting, `${path}?filter=labels.rollout%3Db`)).toEqual(["two", "three"]);
    const filter = encodeURIComponent('labels.rollout="b" AND state=SUCCEEDED');
    expect(await listIds(setting, `${path}?filter=${filter}`)).toEqual(["three"]);
    expect(await listIds(setting, `${path}?orderBy=createTime%20desc&pageSize=1`)).toEqual([
      "three",
    ]);
    const any = PLAN.replace("daily", "-");
    expect(await listIds(setting, `${any}/backups?returnPartialSuccess=true`)).toHaveLength(3);
  });

  test("is not deleted with its volumes unless by force, and then in a while", async () => {
    await takeBackup(setting, "one");
    expect((await setting.send("DELETE", BACKUP)).status).toBe(400);
    expect((await setting.send("DELETE", `${BACKUP}?force=true&etag=x`)).status).toBe(409);
    expect((await setting.send("DELETE", `${BACKUP}?force=true`)).status).toBe(200);
    expect(await readState()).toBe("DELETING");
    expect((await setting.send("DELETE", `${BACKUP}?force=true`)).status).toBe(400);
    await setting.clock.advance(OPERATION_MS);
    expect((await setting.send("GET", BACKUP)).status).toBe(404);
  });

  test("cannot be deleted while it is under way", async () => {
    await setting.send("POST", `${PLAN}/backups?backupId=one`, {});
    expect((await setting.send("DELETE", `${BACKUP}?force=true`)).status).toBe(400);
  });

  test("is deleted by itself when its retention ends", async () => {
    await takeBackup(setting, "one");
    await createPlan(setting, { retentionPolicy: {} }, "for-ever");
    const kept = PLAN.replace("daily", "for-ever");
    await setting.send("POST", `${kept}/backups?backupId=kept`, {});
    await setting.clock.advance(14 * DAY_MS - BACKUP_MS - OPERATION_MS - 1);
    expect(await listIds(setting, `${PLAN}/backups`)).toEqual(["one"]);
    await setting.clock.advance(1);
    expect(await listIds(setting, `${PLAN}/backups`)).toEqual([]);
    await setting.clock.advance(400 * DAY_MS);
    expect(await listIds(setting, `${kept}/backups`)).toEqual(["kept"]);
  });
});

describe("faults", () => {
  const method = "google.cloud.gkebackup.v1.BackupForGKE/CreateBackup";

  test("a lost answer closes the connection, and the backup is there", async () => {
    setting.server.faults.add({ method, call: 1, kind: "drop-after" });
    await expect(setting.send("POST", `${PLAN}/backups?backupId=one`, {})).rejects.toThrow(
      "fetch failed",
    );
    expect((await setting.send("POST", `${PLAN}/backups?backupId=one`, {})).status).toBe(409);
    expect(setting.server.faults.calls(method)).toBe(2);
  });

  test("a planned refusal is refused", async () => {
    setting.server.faults.add({ method, call: 1, kind: "status", status: "UNAVAILABLE" });
    expect((await setting.send("POST", `${PLAN}/backups?backupId=one`, {})).status).toBe(503);
    expect(await listIds(setting, `${PLAN}/backups`)).toEqual([]);
  });
});
