import { describe, expect, test } from "vitest";
import { edit, problemsOf, readSpec, told, usable } from "./spec-support.ts";

const base = readSpec("base");
const job = readSpec("job");
const PROD = "environments[1]";
const DATABASE = `${PROD}.resources.postgreSQL`;
const POSTGRES = "postgreSQL: {databases: [primary], cpu: 2, memoryGB: 8}";

function withVariable(value: string): string {
  return edit(base, ["{LOG_LEVEL: info}", `{LOG_LEVEL: ${value}}`]);
}

function withSecret(value: string): string {
  return edit(base, ["    env: {LOG_LEVEL: info}", `    secretEnv: {KEY: ${value}}`]);
}

function withDatabase(fields: string): string {
  return edit(base, [POSTGRES, `postgreSQL: {databases: [primary], ${fields}}`]);
}

function withDataset(fields: string): string {
  return edit(base, [POSTGRES, `bigQueryDataset: ${fields}`]);
}

describe("variables and secrets", () => {
  test.each(["'{{ .ProjectID }}'", "'https://{{.ServiceDnsName}}/x'"])(
    "the template %s is filled in",
    (value) => {
      expect(problemsOf(withVariable(value))).toEqual(told([]));
    },
  );

  test.each([
    ["'{{ .Region }}'", "at line 1, column 4 of the value: there is no .Region"],
    ["'a {{ .ProjectID'", "at line 1, column 3 of the value: the braces are not closed"],
    ['"a\\nb {{ len }}"', "at line 2, column 6 of the value: Slipway does not fill in len"],
    ['"a\\0"', "may have no control characters"],
    ['"a\\ud800"', "may have no control characters"],
    [`"${"x".repeat(32_769)}"`, "may have at most 32768 bytes, not 32769"],
  ])("the variable %s is refused", (value, message) => {
    expect(problemsOf(withVariable(value))).toEqual(
      told([`error ${PROD}.env.LOG_LEVEL |  | ${message}`]),
    );
  });

  test.each([`"${"x".repeat(32_768)}"`, '"a\\nb\\tc"', "'{{- if .ServiceDnsName }}a{{ end -}}'"])(
    "the variable %s is fine",
    (value) => {
      expect(problemsOf(withVariable(value))).toEqual(told([]));
    },
  );

  test.each(["LOG_LEVEL", "a", "_", "A.B-c_1", ".a", "-a", "constructor", "toString"])(
    "%s is a name of a variable",
    (name) => {
      const text = edit(base, ["{LOG_LEVEL: info}", `{${name}: x}`]);
      expect(problemsOf(text)).toEqual(told([]));
      expect(Object.entries(usable(text).environments[1]?.env ?? {})).toEqual([[name, "x"]]);
    },
  );

  test.each([
    ["1A", "is no name of a variable"],
    ['""', "is no name of a variable"],
    ['"A B"', "is no name of a variable"],
    ['"A=B"', "is no name of a variable"],
    ['"A\\nB"', "is no name of a variable"],
    ["'..'", "is no name of a variable"],
    ["..a", "is no name of a variable"],
    ["É", "is no name of a variable"],
    ["PORT", "is set by Cloud Run itself"],
    ["K_SERVICE", "is set by Cloud Run itself"],
    ["K_REVISION", "is set by Cloud Run itself"],
    ["K_CONFIGURATION", "is set by Cloud Run itself"],
    ["CLOUD_RUN_JOB", "is set by Cloud Run itself"],
    ["X_GOOGLE_A", "is set by Cloud Run itself"],
    ["__proto__", "is a name that Slipway cannot keep"],
  ])("%s is no name of a variable, nor of one from a secret", (name, message) => {
    const path = (key: string): string => {
      const plain = name.replace(/^["'](.*)["']$/, (_, inner: string) =>
        inner.replace("\\n", "\n"),
      );
      return /^[\w-]+$/.test(plain) ? `${key}.${plain}` : `${key}[${JSON.stringify(plain)}]`;
    };
    expect(problemsOf(edit(base, ["{LOG_LEVEL: info}", `{${name}: x}`]))).toEqual(
      told([`error ${PROD}.${path("env")} | ${name.slice(0, 1)} | ${message}`]),
    );
    expect(problemsOf(edit(base, ["env: {LOG_LEVEL: info}", `secretEnv: {${name}: x}`]))).toEqual(
      told([`error ${PROD}.${path("secretEnv")} | ${name.slice(0, 1)} | ${message}`]),
    );
  });

  test.each([
    [1000, []],
    [
      1001,
      [`error ${PROD}.env |  | has 1001 variables together with secretEnv, and may have 1000`],
    ],
  ])("%i variables with those of secrets", (count, expected) => {
    const names = Array.from({ length: count - 1 }, (_, index) => `A${index}: x`).join(", ");
    const text = edit(base, ["{LOG_LEVEL: info}", `{${names}}\n    secretEnv: {KEY: b}`]);
    expect(problemsOf(text)).toEqual(told(expected));
  });

  test("a variable that is a secret too is a warning", () => {
    const text = edit(base, ["{LOG_LEVEL: info}", "{KEY: a}\n    secretEnv: {KEY: b}"]);
    expect(problemsOf(text)).toEqual(told([`warning ${PROD}.env.KEY | a | is in secretEnv too`]));
  });

  test.each(["KEY", "projects/example/secrets/key"])("the secret %s is fine", (value) => {
    expect(problemsOf(withSecret(value))).toEqual(told([]));
  });

  test.each([
    ["project/example/secrets/key", "must start with projects/"],
    ["projects/example/secrets/key/versions/1", "without its version"],
    ["projects/example/key", "must be projects/<project>/secrets/<name>"],
    ["projects/example/secret/key", "must be projects/<project>/secrets/<name>"],
    ["projects/example/secrets/key/more", "must be projects/<project>/secrets/<name>"],
  ])("the secret %s is refused", (value, message) => {
    expect(problemsOf(withSecret(value))).toEqual(
      told([`error ${PROD}.secretEnv.KEY | ${value} | ${message}`]),
    );
  });

  test.each([
    ["{key: {mountPath: /etc/key.json, secret: key}}", []],
    [
      "{key: {mountPath: etc/key.json, secret: key}}",
      [`error ${PROD}.secretVolumes.key.mountPath | etc | must be absolute`],
    ],
    [
      "{key: {mountPath: /etc/, secret: key}}",
      [`error ${PROD}.secretVolumes.key.mountPath | /etc/ | must name a file`],
    ],
    [
      '{key: {mountPath: "", secret: key}}',
      [`error ${PROD}.secretVolumes.key.mountPath | "" | must be the absolute path`],
    ],
    [
      "{key: {mountPath: /etc/key.json}}",
      [`error ${PROD}.secretVolumes.key.secret | {mount | is required`],
    ],
    [
      '{key: {mountPath: /etc/key.json, secret: ""}}',
      [`error ${PROD}.secretVolumes.key.secret | "" | must name a secret`],
    ],
    [
      '{"": {mountPath: /etc/key.json, secret: key}}',
      [`error ${PROD}.secretVolumes[""] | {mount | must have a name`],
    ],
  ] as const)("the volumes %s are judged", (volumes, expected) => {
    expect(
      problemsOf(edit(base, ["    env: {LOG_LEVEL: info}", `    secretVolumes: ${volumes}`])),
    ).toEqual(told(expected));
  });
});

describe("databases, caches and datasets", () => {
  test.each([
    "cpu: 1",
    "cpu: 1, memoryGB: 4",
    "cpu: 1, memoryGB: 6",
    "cpu: 96, memoryGB: 96",
    "cpu: 2, memoryGB: 12",
    "maxConnections: 14",
    "maxConnections: 262143",
  ])("a database with %s is fine", (fields) => {
    expect(problemsOf(withDatabase(fields))).toEqual(told([]));
  });

  test.each([
    ["cpu: 0", "cpu", "must be at least 1"],
    ["cpu: 3", "cpu", "must be 1 or an even number, not 3"],
    ["cpu: 98, memoryGB: 4", "cpu", "must be at most 96"],
    ["cpu: 98, memoryGB: 98", "cpu", "must be at most 96"],
    ["memoryGB: 3", "memoryGB", "must be at least 4"],
    ["cpu: 10, memoryGB: 9", "memoryGB", "must be at least 10 for 10 processors"],
    ["cpu: 2, memoryGB: 13", "memoryGB", "must be at most 12 for 2 processors"],
  ])("a database with %s is refused", (fields, key, message) => {
    expect(problemsOf(withDatabase(fields))).toEqual(
      told([`error ${DATABASE}.${key} |  | ${message}`]),
    );
  });

  test.each([
    ["maxConnections: 13", "maxConnections", "should be 14 to 262143"],
    ["maxConnections: 262144", "maxConnections", "should be 14 to 262143"],
    ["cpu: 6", "memoryGB", "is 4 when left out, which is too little for 6"],
  ])("a database with %s passes upstream with a warning", (fields, key, message) => {
    expect(problemsOf(withDatabase(fields))).toEqual(
      told([`warning ${DATABASE}.${key} |  | ${message}`]),
    );
  });

  test("an instance without databases passes upstream with a warning", () => {
    expect(problemsOf(edit(base, [POSTGRES, "postgreSQL: {}"]))).toEqual(
      told([`warning ${DATABASE}.databases | {} | names no database`]),
    );
  });

  test("the defaults of a database are filled in", () => {
    expect(
      usable(edit(base, [POSTGRES, "postgreSQL: {databases: [a]}"])).environments[1]?.resources
        ?.postgreSQL,
    ).toMatchObject({ cpu: 1, memoryGB: 4, highAvailability: false });
  });

  test.each([
    ["{name: p, database: a, tables: [t]}", []],
    ["{name: '', database: a, tables: [t]}", ["error name | '' | must not be empty"]],
    ["{name: p, tables: [t]}", ["error database | {name | is required"]],
    ["{name: p, database: a, tables: []}", ["error tables | [] | needs at least 1 entry"]],
    ["{name: p, database: a, tables: ['']}", ["error tables[0] | '' | must not be empty"]],
  ] as const)("the publication %s is judged", (publication, expected) => {
    const text = withDatabase(`logicalReplication: {publications: [${publication}]}`);
    expect(problemsOf(text)).toEqual(
      told(expected, `${DATABASE}.logicalReplication.publications[0]`),
    );
  });

  test("a publication's name that is used twice is refused", () => {
    const one = "{name: p, database: a, tables: [t]}";
    expect(
      problemsOf(withDatabase(`logicalReplication: {publications: [${one}, ${one}]}`)),
    ).toEqual(
      told([`error ${DATABASE}.logicalReplication.publications[1].name | p | is used twice`]),
    );
  });

  test("a dataset needs tables, and its id letters, digits and underscores", () => {
    expect(problemsOf(withDataset("{tables: [events]}"))).toEqual(told([]));
    expect(problemsOf(withDataset("{tables: []}"))).toEqual(
      told([`error ${PROD}.resources.bigQueryDataset.tables | [] | needs at least 1 entry`]),
    );
    expect(problemsOf(withDataset("{tables: [a], datasetID: a-b}"))).toEqual(
      told([
        `warning ${PROD}.resources.bigQueryDataset.datasetID | a-b | letters, digits and underscores`,
      ]),
    );
  });

  test("keys of older generations are warnings", () => {
    const text = edit(base, [
      POSTGRES,
      "redis: {tier: STANDARD_HA}\n      bigQueryTable: {tableID: t}",
    ]);
    const networking =
      "    privateNetworking: {privateAccessPerimeter: {allowlistedIdentities: ['user:a', 'group:b']}}\n";
    expect(problemsOf(edit(text, ["    healthProbes: {timeout: 3}\n", networking]))).toEqual(
      told([
        `warning ${PROD}.privateNetworking | privateNetworking | is from a draft that upstream never released`,
        `warning ${PROD}.privateNetworking.privateAccessPerimeter.allowlistedIdentities[1] | 'group:b' | should start with serviceAccount: or user:`,
        `warning ${PROD}.resources.redis.tier | tier | use highAvailability`,
        `warning ${PROD}.resources.bigQueryTable | bigQueryTable | use bigQueryDataset`,
      ]),
    );
    expect(usable(text).environments[1]?.resources?.redis).toEqual({
      memoryGB: 1,
      highAvailability: true,
    });
  });

  test("alerts reach Opsgenie in production unless it is turned off", () => {
    expect(usable(base).environments.map(({ alerting }) => alerting.opsgenie)).toEqual([
      false,
      true,
    ]);
    const off = edit(base, ["    healthProbes: {timeout: 3}", "    alerting: {opsgenie: false}"]);
    expect(usable(off).environments[1]?.alerting.opsgenie).toBe(false);
  });

  test("a job keeps its deadline", () => {
    expect(usable(job).environments[0]?.deadlineSeconds).toBe(600);
  });
});
