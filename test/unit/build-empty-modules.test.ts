import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CALLED_SERVICES } from "../../infra/build/called-services.ts";
import { isUnused, MAYBE_UNUSED } from "../../infra/build/empty-modules.ts";
import { REPOSITORY } from "../../infra/build/sources.ts";

const PACKAGES = "node_modules/{@google-cloud/*,google-gax}/build/**/*.js";

const FILES = globSync(PACKAGES, { cwd: REPOSITORY });

function codeOf(id: string): string {
  return readFileSync(join(REPOSITORY, id), "utf8");
}

/** Whether a file of an installed package is left out of the bundle. */
function isLeftOut(name: string): boolean {
  const id = `node_modules/${name}`;
  return MAYBE_UNUSED.test(id) && isUnused(id, codeOf(id), CALLED_SERVICES);
}

describe("of Google's packages are left out", () => {
  test.each([
    "@google-cloud/sql/build/protos/protos.js",
    "google-gax/build/protos/iam_service.js",
    "@google-cloud/sql/build/src/v1/sql_users_service_client.js",
    "@google-cloud/sql/build/src/v1beta4/sql_backup_runs_service_client.js",
    "@google-cloud/pubsub-api/build/src/v1/subscriber_client.js",
  ])("%s", (name) => {
    expect(isLeftOut(name)).toBe(true);
  });
});

describe("of Google's packages stay", () => {
  test.each([
    "@google-cloud/sql/build/src/v1/sql_backup_runs_service_client.js",
    "@google-cloud/pubsub-api/build/src/v1/publisher_client.js",
    "@google-cloud/firestore-api/build/protos/protos.js",
    "google-gax/build/protos/operations.js",
    "@google-cloud/run/build/src/v2/index.js",
  ])("%s", (name) => {
    expect(isLeftOut(name)).toBe(false);
  });
});

test("each service that is called has exactly one client that stays", () => {
  const clients = FILES.filter((id) => id.endsWith("_client.js") && MAYBE_UNUSED.test(id));
  const codes = clients.map((id) => [id, codeOf(id)] as const);
  const inPackages = CALLED_SERVICES.filter((name) => !ELSEWHERE.has(name));
  for (const service of inPackages) {
    const own = codes.filter(([id, code]) => !isUnused(id, code, [service]));
    expect(own, service).toHaveLength(1);
  }
});

/** Services that google-gax itself has clients of. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  "google.cloud.location.Locations",
  "google.iam.v1.IAMPolicy",
  "google.longrunning.Operations",
]);
