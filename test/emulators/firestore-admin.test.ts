import { Firestore, v1 } from "@google-cloud/firestore";
import { credentials } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startFirestore } from "../../emulators/firestore/server.ts";
import type { FirestoreServer } from "../../emulators/firestore/server.ts";
import { memoryPersistence } from "../support/memory-persistence.ts";

// oxlint-disable-next-line typescript/no-deprecated -- the package has the client of the Admin API nowhere else
const AdminClient = v1.FirestoreAdminClient;
type AdminClient = InstanceType<typeof AdminClient>;

const PARENT = "projects/acme";
const NAME = `${PARENT}/databases/slipway`;
const persistence = memoryPersistence();
let server: FirestoreServer;
let admin: AdminClient;
let strict: Firestore;

beforeAll(async () => {
  server = await startFirestore({ persistence });
  admin = adminOf(server);
  strict = dataOf(server, "slipway");
  const [creation] = await admin.createDatabase({
    parent: PARENT,
    databaseId: "slipway",
    database: {
      locationId: "europe-west3",
      type: "FIRESTORE_NATIVE",
      deleteProtectionState: "DELETE_PROTECTION_ENABLED",
    },
  });
  await creation.promise();
  await strict.doc("services/web/promotions/p1").set({ id: "p1", state: "WAITING", order: 2 });
  await strict.doc("services/api/promotions/p2").set({ id: "p2", state: "WAITING", order: 1 });
});

afterAll(async () => {
  await Promise.all([admin.close(), strict.terminate()]);
  await server.close();
});

function adminOf({ port }: FirestoreServer): AdminClient {
  return new AdminClient({
    apiEndpoint: "127.0.0.1",
    port,
    sslCreds: credentials.createInsecure(),
    projectId: "acme",
  });
}

function dataOf({ port }: FirestoreServer, databaseId: string): Firestore {
  return new Firestore({ projectId: "acme", databaseId, host: `127.0.0.1:${port}`, ssl: false });
}

function index(
  queryScope: "COLLECTION" | "COLLECTION_GROUP",
  order: "ASCENDING" | "DESCENDING",
): object {
  return { queryScope, fields: [{ fieldPath: "id", order }] };
}

const PRECONDITION = { code: 9 };
const CONSOLE = "https://console.firebase.google.com/v1/r/project/acme/firestore/databases/slipway";

test("a database shows what it was made with, and what it has by default", async () => {
  const [database] = await admin.getDatabase({ name: NAME });
  expect(database).toMatchObject({
    locationId: "europe-west3",
    type: "FIRESTORE_NATIVE",
    concurrencyMode: "PESSIMISTIC",
    pointInTimeRecoveryEnablement: "POINT_IN_TIME_RECOVERY_DISABLED",
    deleteProtectionState: "DELETE_PROTECTION_ENABLED",
  });
  const [{ databases }] = await admin.listDatabases({ parent: PARENT });
  expect(databases?.map(({ name }) => name)).toEqual([NAME]);
  await expect(admin.getDatabase({ name: `${PARENT}/databases/other` })).rejects.toMatchObject({
    code: 5,
  });
});

test.each([
  ["slipway", "FIRESTORE_NATIVE", 6],
  ["ab", "FIRESTORE_NATIVE", 3],
  ["With-Capitals", "FIRESTORE_NATIVE", 3],
  ["other", "DATABASE_TYPE_UNSPECIFIED", 3],
] as const)("a database %s of type %s is refused", async (databaseId, type, code) => {
  const database = { locationId: "europe-west3", type };
  await expect(
    admin.createDatabase({ parent: PARENT, databaseId, database }),
  ).rejects.toMatchObject({ code });
});

test("what a database was made with cannot be changed; its protection can", async () => {
  const moved = { name: NAME, locationId: "us-central1" };
  await expect(
    admin.updateDatabase({ database: moved, updateMask: { paths: ["location_id"] } }),
  ).rejects.toMatchObject({ code: 3 });
  await expect(admin.deleteDatabase({ name: NAME })).rejects.toMatchObject(PRECONDITION);
});

test("a query over a collection group is refused with an address until its field has an index", async () => {
  const query = strict.collectionGroup("promotions").where("id", "==", "p1").limit(1);
  await expect(query.get()).rejects.toMatchObject(PRECONDITION);
  await expect(query.get()).rejects.toThrow(
    `COLLECTION_GROUP_ASC index for collection promotions and field id. You can create it here: ${CONSOLE}`,
  );
  const field = `${NAME}/collectionGroups/promotions/fields/id`;
  const indexes = [index("COLLECTION", "ASCENDING"), index("COLLECTION_GROUP", "ASCENDING")];
  const [before] = await admin.getField({ name: field });
  expect(before.indexConfig?.usesAncestorConfig).toBe(true);
  const [change] = await admin.updateField({ field: { name: field, indexConfig: { indexes } } });
  await change.promise();
  const found = await query.get();
  expect(found.docs.map(({ id }) => id)).toEqual(["p1"]);
  // Whoever sets indexes of a field takes away those that he does not name.
  await expect(
    strict.collection("services/web/promotions").orderBy("id", "desc").get(),
  ).rejects.toMatchObject(PRECONDITION);
  const [after] = await admin.getField({ name: field });
  expect(after.indexConfig?.indexes).toHaveLength(2);
});

test("a field that was taken out of the indexes finds nothing, and one that is put back does", async () => {
  const name = `${NAME}/collectionGroups/promotions/fields/state`;
  const query = strict.collection("services/web/promotions").where("state", "==", "WAITING");
  expect((await query.get()).size).toBe(1);
  await admin.updateField({ field: { name, indexConfig: { indexes: [] } } });
  await expect(query.get()).rejects.toMatchObject(PRECONDITION);
  const [fields] = await admin.listFields({ parent: `${NAME}/collectionGroups/promotions` });
  expect(fields.map((field) => field.name)).toContain(name);
  await admin.updateField({ field: { name }, updateMask: { paths: ["index_config"] } });
  expect((await query.get()).size).toBe(1);
});

test("queries that indexes of single fields answer are answered, and others are refused", async () => {
  const own = strict.collection("services/web/promotions");
  const answered = [
    own,
    own.orderBy("order", "desc"),
    own.where("order", ">", 1),
    own.where("state", "==", "WAITING").where("order", "==", 2),
    own.where("state", "==", "WAITING").orderBy("__name__"),
    own.orderBy("order", "desc").orderBy("__name__", "desc"),
    strict.collectionGroup("promotions"),
  ];
  const refused = [
    own.where("state", "==", "WAITING").orderBy("order"),
    own.where("state", "==", "WAITING").where("order", ">", 1),
    own.where("state", "==", "WAITING").orderBy("__name__", "desc"),
    own.orderBy("order").orderBy("__name__", "desc"),
    own.orderBy("order").orderBy("state"),
    strict.collectionGroup("promotions").orderBy("order"),
  ];
  for (const query of answered) {
    await expect(query.get()).resolves.toBeDefined();
  }
  for (const query of refused) {
    await expect(query.get()).rejects.toMatchObject(PRECONDITION);
    await expect(query.count().get()).rejects.toMatchObject(PRECONDITION);
  }
});

test("a database that nobody made is open, and needs no index", async () => {
  const open = dataOf(server, "(default)");
  await open.doc("services/web/promotions/p1").set({ id: "p1" });
  const found = await open.collectionGroup("promotions").where("id", "==", "p1").get();
  expect(found.size).toBe(1);
  await open.terminate();
});

test("a database has one daily schedule of backups", async () => {
  const backupSchedule = { retention: { seconds: 604_800 }, dailyRecurrence: {} };
  const [made] = await admin.createBackupSchedule({ parent: NAME, backupSchedule });
  await expect(admin.createBackupSchedule({ parent: NAME, backupSchedule })).rejects.toMatchObject({
    code: 6,
  });
  const tooLong = { name: made.name ?? "", retention: { seconds: 14 * 7 * 86_400 + 1 } };
  await expect(admin.updateBackupSchedule({ backupSchedule: tooLong })).rejects.toMatchObject({
    code: 3,
  });
  const longest = { ...tooLong, retention: { seconds: 14 * 7 * 86_400 } };
  await admin.updateBackupSchedule({ backupSchedule: longest });
  const [{ backupSchedules }] = await admin.listBackupSchedules({ parent: NAME });
  expect(backupSchedules?.map(({ retention }) => Number(retention?.seconds))).toEqual([8_467_200]);
  await admin.deleteBackupSchedule({ name: made.name ?? "" });
  await expect(admin.getBackupSchedule({ name: made.name ?? "" })).rejects.toMatchObject({
    code: 5,
  });
});

test("what was made is there after a restart", async () => {
  const again = await startFirestore({ persistence });
  const client = adminOf(again);
  const [database] = await client.getDatabase({ name: NAME });
  expect(database.locationId).toBe("europe-west3");
  const data = dataOf(again, "slipway");
  await expect(data.collectionGroup("promotions").orderBy("order").get()).rejects.toMatchObject(
    PRECONDITION,
  );
  await Promise.all([client.close(), data.terminate()]);
  await again.close();
});

test("a database that is no longer protected goes with its documents, indexes and schedules", async () => {
  const database = { name: NAME, deleteProtectionState: "DELETE_PROTECTION_DISABLED" as const };
  await admin.updateDatabase({ database, updateMask: { paths: ["delete_protection_state"] } });
  await admin.deleteDatabase({ name: NAME });
  await expect(admin.getDatabase({ name: NAME })).rejects.toMatchObject({ code: 5 });
  const left = await strict.collectionGroup("promotions").get();
  expect(left.size).toBe(0);
});
