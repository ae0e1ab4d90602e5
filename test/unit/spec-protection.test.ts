import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { problemsOf, readSpec, told, usable } from "./spec-support.ts";

const base = readSpec("base");
const job = readSpec("job");
const PROD = "delivery.environments.prod";

function delivery(fields: string): string {
  return `${base}delivery: {${fields}}\n`;
}

function dev(fields: string): string {
  return delivery(`environments: {dev: {${fields}}}`);
}

function prod(fields: string): string {
  return delivery(`environments: {prod: {${fields}}}`);
}

const ISSUER = "https://token.actions.githubusercontent.com";
const KMS = "gcpkms://projects/p/locations/global/keyRings/r/cryptoKeys/k";
const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const PEM = JSON.stringify(publicKey.export({ format: "pem", type: "spki" }));

describe("alerts, backups, migrations, canaries, verification, provenance", () => {
  const plan = "projects/example-prod/locations/us-central1/backupPlans/daily";
  test.each([
    "alerts: {block: [CRITICAL, ERROR], warn: [WARNING]}",
    "alerts: {block: [], warn: []}",
    "alerts: {block: [CRITICAL]}",
    "backup: {cloudSQL: auto, retain: 1d}",
    "backup: {cloudSQL: none}",
    "backup: {retain: 365d, maxAge: 7d}",
    `backup: {gke: ${plan}}`,
    "migrations: {before: {job: migrate}, after: {job: contract}}",
    "migrations: {after: {job: contract, start: automatic, reversible: true}}",
    "canary: [1, 99]",
    "canary: []",
    "verify: {}",
    "verify: {path: /healthz, version: /version, bake: 1d, onFailure: fail}",
    `provenance: {required: true, grace: 10m, keys: [${PEM}]}`,
    `provenance: {required: true, keys: ['${KMS}/cryptoKeyVersions/1', '${KMS}/versions/12']}`,
    `provenance: {required: true, identities: [{issuer: ${ISSUER}, subject: ann@example.com}]}`,
    `provenance: {required: true, identities: [{issuer: ${ISSUER}, subjectPattern: '.*@example\\.com'}]}`,
    `provenance: {required: true, keys: [${PEM}], builders: [https://example.com/b], source: https://github.com/a/b}`,
    "provenance: {required: false}",
  ])("%s is fine", (fields) => {
    expect(problemsOf(prod(fields))).toEqual(told([]));
  });

  test.each([
    [
      "alerts: {block: [SEVERE]}",
      "error alerts.block[0] |  | must be one of CRITICAL, ERROR, WARNING",
    ],
    [
      "alerts: {block: [ERROR, CRITICAL], warn: [ERROR]}",
      "error alerts.warn[0] |  | is in block too",
    ],
    [
      "alerts: {block: [WARNING, ERROR], warn: [CRITICAL]}",
      "warning alerts.warn[0] |  | lets CRITICAL pass, although the lesser WARNING blocks",
    ],
    ["alerts: {block: [ERROR]}", "warning alerts.block |  | has ERROR but not CRITICAL"],
    ["backup: {cloudSQL: yes}", "error backup.cloudSQL |  | must be one of auto, none"],
    [
      "backup: {gke: my-plan}",
      "error backup.gke |  | must be projects/<project>/locations/<location>/backupPlans/<plan>",
    ],
    [
      "backup: {gke: projects/p/locations/us-central1/backupPlans/daily}",
      "error backup.gke |  | must be projects/",
    ],
    [
      "backup: {gke: projects/example-prod/locations/us-central1/backupPlans/Daily}",
      "error backup.gke |  | must be projects/",
    ],
    [
      "backup: {cloudSQL: none, retain: 7d}",
      "warning backup.retain |  | nothing is backed up here",
    ],
    ["backup: {retain: 1d, maxAge: 1d}", "error backup.maxAge |  | must be shorter than retain"],
    ["migrations: {before: {}}", "error migrations.before.job |  | is required"],
    ["migrations: {before: {job: Migrate}}", "error migrations.before.job |  | a job's id"],
    [
      "migrations: {before: {job: a}, after: {job: a}}",
      "error migrations.after.job |  | would run twice",
    ],
    [
      "migrations: {after: {job: a, start: automatic}}",
      "warning migrations.after.start |  | no rollback is possible",
    ],
    [
      "migrations: {after: {job: a, start: later}}",
      "error migrations.after.start |  | must be one of automatic, manual",
    ],
    [
      "backup: {cloudSQL: none}, migrations: {before: {job: a}}",
      "warning migrations |  | without a backup",
    ],
    ["canary: [0]", "error canary[0] |  | must be at least 1"],
    ["canary: [100]", "error canary[0] |  | must be at most 99"],
    ["canary: [10.5]", "error canary[0] |  | must be a whole number"],
    ["canary: [50, 50]", "error canary[1] |  | must be more than the 50 before it, not 50"],
    ["canary: [50, 10]", "error canary[1] |  | must be more than the 50 before it, not 10"],
    [
      "canary: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]",
      "error canary |  | may have at most 10 entries",
    ],
    ["verify: {path: healthz}", "error verify.path |  | starts with /"],
    ["verify: {version: '/v?x=1'}", "error verify.version |  | has no query"],
    ["verify: {onFailure: ignore}", "error verify.onFailure |  | must be one of rollback, fail"],
    [
      "provenance: {grace: 1h}",
      "warning provenance.grace |  | has no effect unless required is true",
    ],
    ["provenance: {required: true}", "error provenance.required |  | nobody is trusted to sign"],
    [
      "provenance: {required: true, keys: [], identities: []}",
      "error provenance.required |  | nobody is trusted to sign",
    ],
    ["provenance: {required: true, keys: [ann]}", "error provenance.keys[0] |  | as PEM"],
    [
      `provenance: {required: true, keys: ['${KMS}']}`,
      "error provenance.keys[0] |  | must name a version",
    ],
    [
      `provenance: {required: true, identities: [{issuer: ${ISSUER}}]}`,
      "error provenance.identities[0] |  | needs either a subject or a subjectPattern",
    ],
    [
      `provenance: {required: true, identities: [{issuer: ${ISSUER}, subject: a, subjectPattern: b}]}`,
      "error provenance.identities[0] |  | needs either",
    ],
    [
      "provenance: {required: true, identities: [{issuer: example, subject: a}]}",
      "error provenance.identities[0].issuer |  | must be an https:// address",
    ],
    [
      `provenance: {required: true, identities: [{issuer: ${ISSUER}, subjectPattern: '(?=a)'}]}`,
      "error provenance.identities[0].subjectPattern |  | RE2 does not look ahead",
    ],
    [
      `provenance: {required: true, identities: [{issuer: ${ISSUER}, subjectPattern: 'a)|(?:b'}]}`,
      "error provenance.identities[0].subjectPattern |  | is not a regular expression",
    ],
  ] as const)("%s is told", (fields, problem) => {
    const problems = problemsOf(prod(fields));
    expect(problems).toEqual(told([problem], PROD));
    expect(`${fields}}}}`).toContain(problems[0]?.at);
  });

  test("a database that is not there cannot be backed up", () => {
    expect(problemsOf(dev("backup: {cloudSQL: auto}"))).toEqual(
      told([
        "error delivery.environments.dev.backup.cloudSQL | auto | has no resources.postgreSQL",
      ]),
    );
    expect(problemsOf(dev("backup: {maxAge: 1h}"))).toEqual(
      told(["warning delivery.environments.dev.backup.maxAge | 1h | nothing is backed up here"]),
    );
  });

  test.each([
    ["migrations: {before: {job: a}}", "migrations", "a job brings its own migrations"],
    ["canary: [10]", "canary", "a job has no traffic"],
    ["verify: {}", "verify", "a job answers no requests"],
  ])("a job with %s is refused", (fields, key, message) => {
    expect(problemsOf(`${job}delivery: {environments: {prod: {${fields}}}}\n`)).toEqual(
      told([`error ${PROD}.${key} |  | ${message}`]),
    );
  });

  test("what verify leaves out is filled in", () => {
    expect(usable(prod("verify: {}")).delivery.environments["prod"]?.verify).toEqual({
      path: "/-/healthz",
      version: "/-/version",
      bake: 0,
      onFailure: "rollback",
    });
  });
});
