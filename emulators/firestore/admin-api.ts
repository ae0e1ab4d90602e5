import { type Api, operation, type Unary } from "../kit/call.ts";
import {
  type Admin,
  createBackupSchedule,
  createDatabase,
  deleteBackupSchedule,
  deleteDatabase,
  getBackupSchedule,
  getDatabase,
  listBackupSchedules,
  listDatabases,
  updateBackupSchedule,
  updateDatabase,
} from "./operations-admin.ts";
import { getField, listFields, updateField } from "./operations-fields.ts";

/** The service google.firestore.admin.v1.FirestoreAdmin. */
export function adminApi(admin: Admin): Api {
  type Run<Request> = (admin: Admin, request: Request, nowMs: number) => unknown;
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- each operation has its own request
  function on<Request extends object>(run: Run<Request>): Unary {
    return operation<Request>((request, call) => run(admin, request, call.clock.now()));
  }
  return {
    protos: "@google-cloud/firestore/build/protos/admin_v1.json",
    service: "google.firestore.admin.v1.FirestoreAdmin",
    unary: {
      CreateDatabase: on(createDatabase),
      GetDatabase: on(getDatabase),
      ListDatabases: on(listDatabases),
      UpdateDatabase: on(updateDatabase),
      DeleteDatabase: on(deleteDatabase),
      GetField: on(getField),
      ListFields: on(listFields),
      UpdateField: on(updateField),
      CreateBackupSchedule: on(createBackupSchedule),
      GetBackupSchedule: on(getBackupSchedule),
      ListBackupSchedules: on(listBackupSchedules),
      UpdateBackupSchedule: on(updateBackupSchedule),
      DeleteBackupSchedule: on(deleteBackupSchedule),
    },
  };
}
