import type { Message } from "../kit/call.ts";
import { type Need, type Rule, type Rules, textAt } from "../kit/access/rules.ts";
import { isRecord } from "../kit/json.ts";
import { databaseOf } from "./resource-name.ts";

const READS = ["datastore.entities.get"];
const LISTS = ["datastore.entities.get", "datastore.entities.list"];
const BOTH = ["datastore.entities.create", "datastore.entities.update"];

/** Rights on documents are rights on their database. */
function databaseIn(request: Message): string {
  const names = ["database", "parent", "name", "document.name"].map((field) =>
    textAt(request, field),
  );
  return databaseOf(names.find((name) => name !== "") ?? "");
}

function on(permissions: readonly string[]): Rule {
  return (request) => {
    const resource = databaseIn(request);
    // A stream's later messages name no database; its first one was checked.
    return resource === "" ? [] : permissions.map((permission) => ({ permission, resource }));
  };
}

/** What a write needs, by what it says of the document that is there. */
function permissionsOf(write: unknown): readonly string[] {
  if (!isRecord(write)) {
    return [];
  }
  if (write["delete"] !== undefined) {
    return ["datastore.entities.delete"];
  }
  const condition = write["currentDocument"];
  if (isRecord(condition) && condition["exists"] === false) {
    return ["datastore.entities.create"];
  }
  const mustExist =
    isRecord(condition) && (condition["exists"] === true || condition["updateTime"] !== undefined);
  return mustExist ? ["datastore.entities.update"] : BOTH;
}

const writing: Rule = (request) => {
  const resource = databaseIn(request);
  const writes = Array.isArray(request["writes"]) ? request["writes"] : [];
  const permissions = new Set<string>(writes.flatMap(permissionsOf));
  return [...permissions].map((permission): Need => ({ permission, resource }));
};

/**
 * The permissions of each method.
 * Source: https://cloud.google.com/firestore/docs/security/iam#permissions_and_api_methods
 */
export const RULES: Rules = {
  GetDocument: on(READS),
  BatchGetDocuments: on(READS),
  ListDocuments: on(LISTS),
  ListCollectionIds: on(["datastore.entities.list"]),
  RunQuery: on(LISTS),
  RunAggregationQuery: on(LISTS),
  Listen: on(LISTS),
  CreateDocument: on(["datastore.entities.create"]),
  UpdateDocument: on(BOTH),
  DeleteDocument: on(["datastore.entities.delete"]),
  BeginTransaction: on(["datastore.databases.get"]),
  Rollback: on(["datastore.databases.get"]),
  Commit: writing,
  BatchWrite: writing,
};
