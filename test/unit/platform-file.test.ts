import { expect, test } from "vitest";
import { withSpecs } from "../../infra/platform/from-specs.ts";
import { parseInstallation, registryOf } from "../../infra/platform/installation-file.ts";
import { markObstacles } from "../../infra/platform/mark.ts";
import { parseServiceSpec } from "../../shared/wire/spec/parse-service-spec.ts";
import { someSettings } from "../support/platform/settings.ts";

const WHOLE = `
project: acme-slipway
location: europe-west3
registries: [europe-west3-docker.pkg.dev/acme-images/apps]
services: [services]
environments:
  - project: acme-web-prod
    cloudSQL: true
    secrets: [DIAGNOSTICS_SECRET]
    runtimeAccounts: [web@acme-web-prod.iam.gserviceaccount.com]
telemetry: {endpoint: 'https://otlp.example.com', headersSecret: otlp-headers}
people:
  viewers: ['group:eng@example.com']
  owners: {web: ['group:web@example.com']}
`;

test("a file of an installation is read", () => {
  const { installation, problems } = parseInstallation(WHOLE);
  expect(problems).toEqual([]);
  expect(installation?.services).toEqual(["services"]);
  expect(installation?.settings).toMatchObject({
    project: "acme-slipway",
    registries: [{ project: "acme-images", location: "europe-west3", repository: "apps" }],
    pipelineProjects: ["acme-slipway"],
    environments: [{ project: "acme-web-prod", cloudSql: true, gkeBackup: false }],
    people: { owners: ["web=group:web@example.com"] },
    incidentsProject: null,
    telemetry: { endpoint: "https://otlp.example.com", headersSecret: "otlp-headers" },
  });
});

test.each([
  ["project: acme-slipway", "location", 1],
  ["project: ACME\nlocation: us-central1", "project", 1],
  ["project: acme-slipway\nlocation: Frankfurt", "location", 2],
  ["project: acme-slipway\nlocation: us-central1\nregistry: x", "registry", 1],
  [
    "project: acme-slipway\nlocation: us-central1\nregistries:\n  - docker.io/web",
    "registries[0]",
    4,
  ],
  [
    "project: acme-slipway\nlocation: us-central1\npeople:\n  viewers:\n    - eng@example.com",
    "people.viewers[0]",
    5,
  ],
  [
    "project: acme-slipway\nlocation: us-central1\npeople:\n  viewers: [allUsers]",
    "people.viewers[0]",
    4,
  ],
  ["project: acme-slipway\nlocation: us-central1\nalertChannels: [slack]", "alertChannels[0]", 3],
  [
    "project: acme-slipway\nlocation: us-central1\ntelemetry:\n  endpoint: otlp.example.com",
    "telemetry.endpoint",
    4,
  ],
  ["project: [", "", 1],
  ["", "project", 1],
])("%j is refused where it is wrong", (text, place, line) => {
  const { installation, problems } = parseInstallation(text);
  expect(installation).toBeNull();
  const found = problems.map(({ path, message, line: at }) => `${path || message} ${at}`);
  expect(found.filter((one) => one.includes(place) && one.endsWith(` ${line}`))).toHaveLength(1);
});

test.each([
  ["project: acme-slipway", "location", "is required"],
  [
    "project: acme-slipway\nlocation: us-central1\nregistry: x",
    "",
    "there is no key registry here",
  ],
  [
    "project: acme-slipway\nlocation: us-central1\nservices: web",
    "services",
    "must be a list, not",
  ],
])("%j is refused in words for whoever writes the file", (text, path, message) => {
  const { problems } = parseInstallation(text);
  expect(problems).toMatchObject([{ path, message: expect.stringContaining(message) as unknown }]);
});

test("a repository of a project of a domain is told from one of a project without", () => {
  expect(registryOf("us-docker.pkg.dev/example.com/proj/apps")).toEqual({
    project: "example.com:proj",
    location: "us",
    repository: "apps",
  });
  expect(registryOf("us-docker.pkg.dev/proj")).toBeNull();
  expect(registryOf("us-docker.pkg.dev/proj/apps/web/api")).toEqual({
    project: "proj",
    location: "us",
    repository: "apps",
  });
});

test("specifications add their registries, projects, databases and accounts", () => {
  const text = `
service: {id: web, name: Web, owners: [team]}
build: {image: europe-west3-docker.pkg.dev/acme-other/apps/web, source: {repo: github.com/acme/web, dir: .}}
rollout:
  stages: [{environment: dev}]
environments:
  - id: dev
    projectID: web-dev-1a2b
    category: test
    deploy: {type: rollout}
    healthProbes: {}
    secretEnv: {DIAGNOSTICS_SECRET: diagnostics}
    resources: {postgreSQL: {databases: [web]}}
    instances: {resources: {cpu: 1, memory: 512Mi}}
`;
  const { spec, problems } = parseServiceSpec(text);
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  const settings = withSpecs(someSettings(), spec === null ? [] : [spec]);
  expect(settings.registries).toContainEqual({
    project: "acme-other",
    location: "europe-west3",
    repository: "apps",
  });
  expect(settings.environments.at(-1)).toEqual({
    project: "web-dev-1a2b",
    cloudSql: true,
    gkeBackup: false,
    secrets: ["diagnostics"],
    runtimeAccounts: ["web-sa@web-dev-1a2b.iam.gserviceaccount.com"],
    jobAccounts: [],
  });
});

test("a half-made installation of another version, and a newer one, are refused; an older one is upgraded", () => {
  const mark = { version: "0-2-0", state: "complete" as const };
  expect(markObstacles(mark, "0.2.0")).toEqual([]);
  expect(markObstacles(mark, "0.3.0")).toEqual([]);
  expect(markObstacles(mark, "0.10.0")).toEqual([]);
  expect(markObstacles(mark, "0.1.9")[0]?.what).toContain("which is older");
  expect(markObstacles({ ...mark, state: "applying" }, "0.3.0")[0]?.what).toContain(
    "did not finish",
  );
  expect(markObstacles({ ...mark, state: "applying" }, "0.2.0")).toEqual([]);
  expect(markObstacles({ ...mark, version: null }, "0.1.0")).toEqual([]);
});
