import { describe, expect, test } from "vitest";
import { BASE, manifest, render, withLines } from "./render-support.ts";
import { edit, readSpec } from "./spec-support.ts";

/** A manifest whose pod has these parts. */
function pod(part: object): object {
  return { spec: { template: { spec: part } } };
}

function variables(...env: readonly object[]): object {
  return pod({ containers: [{ env: expect.arrayContaining([...env]) as unknown }] });
}

/** The base with `runtime` for its last environment. */
function withRuntime(runtime: string): string {
  return `${BASE}delivery: {environments: {prod: {runtime: ${runtime}}}}\n`;
}

const DATABASE = "postgreSQL: {databases: [primary], cpu: 2, memoryGB: 8}";
const DOMAIN = "domain: {type: cloudflare, cloudflare: {subdomain: web, zone: example.com}}";
const ACCOUNT = "web-sa@web-prod-3c4d.iam.gserviceaccount.com";

describe("the account", () => {
  test("is the platform's: the service's own in the environment's project", () => {
    expect(manifest(BASE)).toMatchObject(pod({ serviceAccountName: ACCOUNT }));
  });

  test("is the one that runtime names, and the database's user follows it", () => {
    const text = withRuntime("{serviceAccount: other@p.iam.gserviceaccount.com}");
    expect(manifest(text)).toMatchObject(
      pod({ serviceAccountName: "other@p.iam.gserviceaccount.com" }),
    );
    expect(manifest(text)).toMatchObject(variables({ name: "PGUSER", value: "other@p.iam" }));
  });

  test("is a job's too", () => {
    expect(render(readSpec("job"))["manifests/prod.yaml"]).toMatch(
      /serviceAccountName: sweep-sa@\S+\.iam\.gserviceaccount\.com/,
    );
  });
});

describe("the variables that follow from resources", () => {
  test("PGUSER is there for a database, and for nothing else", () => {
    const user = { name: "PGUSER", value: "web-sa@web-prod-3c4d.iam" };
    expect(manifest(BASE)).toMatchObject(variables(user));
    expect(render(BASE)["manifests/dev.yaml"]).not.toContain("PGUSER");
  });

  test.each([
    ["{tables: [t]}", "web-prod-3c4d", "web"],
    ["{tables: [t], datasetID: d, projectID: p}", "p", "d"],
  ])("BIGQUERY_* are there for a dataset %s", (dataset, project, id) => {
    const text = edit(BASE, [DATABASE, `bigQueryDataset: ${dataset}`]);
    expect(manifest(text)).toMatchObject(
      variables(
        { name: "BIGQUERY_PROJECT_ID", value: project },
        { name: "BIGQUERY_DATASET_ID", value: id },
      ),
    );
  });
});

describe("the domain", () => {
  test.each([
    [
      "its name does not depend on the type",
      "{type: none, cloudflare: {subdomain: t, zone: x.org}}",
      "t.x.org",
    ],
    ["half a name is none", "{cloudflare: {zone: x.org}}", null],
  ])("%s", (_, domain, name) => {
    const text = render(edit(BASE, [DOMAIN, `domain: ${domain}`]));
    const found = /EXTERNAL_DNS_NAME\n\s+value: (\S+)/.exec(text["manifests/prod.yaml"] ?? "");
    expect(found?.[1] ?? null).toBe(name);
  });
});

describe("the probes of a service with a diagnostics secret", () => {
  const headers = [{ name: "Authorization", value: "Bearer 0123456789abcdef" }];

  test("carry the variable's value", () => {
    const text = withLines('env: {DIAGNOSTICS_SECRET: "0123456789abcdef"}');
    const probe = { httpGet: { path: "/-/healthz", httpHeaders: headers } };
    expect(manifest(text)).toMatchObject(
      pod({ containers: [{ startupProbe: probe, livenessProbe: probe }] }),
    );
  });

  test("carry nothing where there is none", () => {
    expect(render(BASE)["manifests/prod.yaml"]).not.toContain("Authorization");
  });

  test("are left out for one in Secret Manager, which no manifest should hold", () => {
    const text = withLines("secretEnv: {DIAGNOSTICS_SECRET: diagnostics}");
    expect(render(text)["manifests/prod.yaml"]).not.toContain("Probe");
  });
});

/** The annotations of the revision. */
function annotations(text: string): string {
  const [, rendered = ""] = /template:\n\s+metadata:\n([^]*?)\n {4}spec:/.exec(text) ?? [];
  return rendered;
}

describe("runtime", () => {
  test.each([
    [
      "{network: {network: n, subnetwork: s, tags: [a], egress: all-traffic}}",
      ["vpc-access-egress: all-traffic", '[{"network":"n","subnetwork":"s","tags":["a"]}]'],
    ],
    ["{network: {connector: c}}", ["vpc-access-connector: c", "egress: private-ranges-only"]],
    ["{cloudSqlInstances: ['p:r:i', 'p:r:j']}", ["cloudsql-instances: p:r:i,p:r:j"]],
  ])("%s is in the annotations of the revision", (runtime, parts) => {
    const text = annotations(render(withRuntime(runtime))["manifests/prod.yaml"] ?? "");
    for (const part of parts) {
      expect(text).toContain(part);
    }
  });

  test("labels, annotations and ingress are in those of the service", () => {
    const runtime = "{ingress: all, labels: {team: web}, annotations: {example.com/a: b}}";
    expect(manifest(withRuntime(runtime))).toMatchObject({
      metadata: {
        labels: { team: "web", "slipway-service": "web" },
        annotations: { "run.googleapis.com/ingress": "all", "example.com/a": "b" },
      },
    });
  });

  test("a generation that Cloud Run does not know is left out", () => {
    const text = edit(BASE, [
      "resources: {cpu: 1, memory: 512Mi}",
      "resources: {cpu: 1, memory: 512Mi, cloudRunGeneration: 3}",
    ]);
    expect(render(text)["manifests/dev.yaml"]).not.toContain("execution-environment");
  });
});
