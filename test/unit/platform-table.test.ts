import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FUNCTION_NAMES } from "../../functions/names.ts";
import { VERSION } from "../../infra/version.ts";
import { desired } from "../../infra/platform/desired.ts";
import { circle } from "../../infra/platform/engine/order.ts";
import { ownerOf } from "../../infra/platform/kinds/marks.ts";
import type { MarkPlace } from "../../infra/platform/kinds/marks.ts";
import { keyOf, KINDS, texts } from "../../infra/platform/resource.ts";
import type { Resource } from "../../infra/platform/resource.ts";
import {
  chatEnvironment,
  noticeEnvironment,
  environmentOf,
  LEFT_AT_DEFAULT,
} from "../../infra/platform/table/functions.ts";
import { grantsOf } from "../../infra/platform/table/grants.ts";
import { PLATFORM_CHANNEL } from "../../shared/domain/notices/channel.ts";
import { readConfig } from "../../shared/config.ts";
import { somePlatform, someTable } from "../support/platform/settings.ts";

const table = someTable();

function ofKind(kind: Resource["kind"]): readonly Resource[] {
  return table.filter((resource) => resource.kind === kind);
}

function idOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

test("every kind has a resource, every resource a reason and a key of its own, and none needs itself", () => {
  expect(new Set(table.map(({ kind }) => kind))).toEqual(new Set(KINDS));
  expect(new Set(table.map(keyOf)).size).toBe(table.length);
  expect(table.filter(({ why }) => !/\w.*[.]$/.test(why))).toEqual([]);
  expect(circle(table.map((one) => ({ key: keyOf(one), needs: one.needs })))).toEqual([]);
});

test("the version that an installation is marked with is the package's", () => {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  expect(text).toContain(`"version": "${VERSION}"`);
});

test("what a resource needs is in the table", () => {
  const keys = new Set(table.map(keyOf));
  expect(table.flatMap(({ needs }) => needs).filter((key) => !keys.has(key))).toEqual([]);
});

test("every function has its row, its invokers and its account, and there is no other function", () => {
  expect(ofKind("function").map(({ name }) => idOf(name))).toEqual([...FUNCTION_NAMES]);
  const invoked = ofKind("grants")
    .filter(({ name }) => name.includes("/services/"))
    .map(({ name }) => idOf(name));
  expect(invoked.toSorted()).toEqual([...FUNCTION_NAMES].toSorted());
});

test("every message function is woken by a subscription, and what people reach by none", () => {
  const woken = ofKind("subscription").map(({ name }) => idOf(name));
  for (const name of FUNCTION_NAMES) {
    const own = woken.filter((id) => id.startsWith(`slipway-${name}-`));
    expect(own.length > 0, name).toBe(name !== "api" && name !== "web");
  }
});

const TELEMETRY = { endpoint: "https://otlp.example.com", headersSecret: "otlp-headers" };

function isOfHeaders({ on }: { readonly on: string }): boolean {
  return on.endsWith("/secrets/otlp-headers");
}

test("a collector's headers are read by the functions alone, and nothing is said of one that there is not", () => {
  const platform = { ...somePlatform(), telemetry: TELEMETRY };
  expect(readConfig(environmentOf(platform)).telemetry).toEqual({
    endpoint: "https://otlp.example.com",
    headers: {},
    headersSecret: "projects/acme-slipway/secrets/otlp-headers",
  });
  expect(grantsOf(platform, FUNCTION_NAMES).filter(isOfHeaders)).toMatchObject([
    {
      role: "roles/secretmanager.secretAccessor",
      members: [
        "serviceAccount:slipway-run@acme-slipway.iam.gserviceaccount.com",
        "serviceAccount:slipway-api@acme-slipway.iam.gserviceaccount.com",
        "serviceAccount:slipway-notice@acme-slipway.iam.gserviceaccount.com",
      ],
    },
  ]);
  expect(grantsOf(somePlatform(), FUNCTION_NAMES).some(isOfHeaders)).toBe(false);
  expect(readConfig(environmentOf(somePlatform())).telemetry).toBeNull();
});

test("every variable of the configuration is set or left at its default", () => {
  const text = readFileSync(new URL("../../shared/config.ts", import.meta.url), "utf8");
  const read = [...text.matchAll(/^ {2}(?<name>SLIPWAY_[A-Z_]+):/gm)].flatMap(
    ({ groups }) => groups?.["name"] ?? [],
  );
  const platform = { ...somePlatform(), telemetry: TELEMETRY };
  const set = [environmentOf, chatEnvironment, noticeEnvironment].flatMap((of) =>
    Object.keys(of(platform)),
  );
  expect(read.length).toBeGreaterThan(10);
  expect(read.filter((name) => !set.includes(name) && !LEFT_AT_DEFAULT.includes(name))).toEqual([]);
  expect(set.filter((name) => LEFT_AT_DEFAULT.includes(name))).toEqual([]);
});

test("the functions can read the environment that they get", () => {
  const config = readConfig(environmentOf(somePlatform()));
  expect(config.project).toBe("acme-slipway");
  expect(config.identity.pushAccounts).toEqual([
    "slipway-events@acme-slipway.iam.gserviceaccount.com",
  ]);
  expect(config.access.owners).toEqual([{ owner: "web", principals: ["group:web@example.com"] }]);
});

test("a push subscription waits, tries again, gives up and never expires as it should", () => {
  const pushes = ofKind("subscription").filter(({ name }) => idOf(name) !== "slipway-dead");
  for (const { name, fields } of pushes) {
    expect(fields, name).toMatchObject({
      ackDeadlineSeconds: 600,
      expirationPolicy: {},
      retryPolicy: { minimumBackoff: "10s", maximumBackoff: "600s" },
      deadLetterPolicy: { maxDeliveryAttempts: 10 },
    });
  }
});

test("who can be reached looks and decides, and cannot act", () => {
  const api = "serviceAccount:slipway-api@acme-slipway.iam.gserviceaccount.com";
  const granted = grantsOf(somePlatform(), FUNCTION_NAMES).filter(({ members }) =>
    members.includes(api),
  );
  expect(granted.map(({ on, role }) => `${on} ${role}`).toSorted()).toEqual([
    "projects/acme-images/locations/europe-west3/repositories/apps roles/artifactregistry.reader",
    "projects/acme-slipway projects/acme-slipway/roles/slipwayState",
    "projects/acme-slipway/secrets/slack-signing-secret roles/secretmanager.secretAccessor",
    "projects/acme-slipway/secrets/slack-token roles/secretmanager.secretAccessor",
    "projects/acme-slipway/topics/slipway-audit roles/pubsub.publisher",
    "projects/acme-slipway/topics/slipway-chat roles/pubsub.publisher",
    "projects/acme-slipway/topics/slipway-work roles/pubsub.publisher",
    "projects/acme-web-prod projects/acme-web-prod/roles/slipwayLook",
  ]);
  const looks = ofKind("role").filter(({ name }) => name.endsWith("/slipwayLook"));
  const seen = looks.flatMap(({ fields }) => texts(fields["includedPermissions"]));
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.filter((one) => !/\.(?:get|list)$/.test(one))).toEqual([]);
});

test("who acts wakes nobody, and who deploys reads no more than it calls", () => {
  const granted = grantsOf(somePlatform(), FUNCTION_NAMES);
  const wake = granted.filter(({ on }) => on.endsWith("/topics/slipway-work"));
  expect(wake.flatMap(({ members }) => members)).toEqual([
    "serviceAccount:slipway-api@acme-slipway.iam.gserviceaccount.com",
  ]);
  const deploys = ofKind("role").filter(({ name }) => name.endsWith("/slipwayDeploy"));
  const given = new Set(deploys.flatMap(({ fields }) => texts(fields["includedPermissions"])));
  expect([...given].filter((one) => /revisions|routes|locations|projects/.test(one))).toEqual([]);
});

test("rollouts are approved only where a pipeline was adopted", () => {
  const pipelineProjects = ["acme-slipway", "acme-web-prod"];
  const granted = grantsOf({ ...somePlatform(), pipelineProjects }, FUNCTION_NAMES);
  const approves = granted.filter(({ role }) => role === "roles/clouddeploy.approver");
  expect(approves).toMatchObject([
    {
      on: "projects/acme-web-prod",
      members: ["serviceAccount:slipway-run@acme-slipway.iam.gserviceaccount.com"],
    },
  ]);
});

test("who tells people keeps the state, and can do nothing in an environment", () => {
  const notice = "serviceAccount:slipway-notice@acme-slipway.iam.gserviceaccount.com";
  const granted = grantsOf(somePlatform(), FUNCTION_NAMES).filter(({ members }) =>
    members.includes(notice),
  );
  expect(granted.map(({ on, role }) => `${on} ${role}`).toSorted()).toEqual([
    "projects/acme-slipway projects/acme-slipway/roles/slipwayState",
    "projects/acme-slipway/secrets/github-key roles/secretmanager.secretAccessor",
    "projects/acme-slipway/secrets/slack-token roles/secretmanager.secretAccessor",
    "projects/acme-slipway/secrets/smtp-password roles/secretmanager.secretAccessor",
    "projects/acme-slipway/topics/slipway-audit roles/pubsub.publisher",
  ]);
  const { notices } = readConfig({
    ...environmentOf(somePlatform()),
    ...noticeEnvironment(somePlatform()),
  });
  expect(notices.slackToken).toBe("projects/acme-slipway/secrets/slack-token");
  expect(notices.everywhere).toMatchObject([{ channel: { name: "#slipway" } }]);
  expect(notices.byDefault).toEqual([PLATFORM_CHANNEL]);
  expect(notices.pages).toMatch(/^https:\/\/web-/);
});

test("chat is there only where it is set up, open to Slack, and believes no token that nobody checked", () => {
  const notices = { channels: [], defaults: [], pages: null };
  const without = desired(somePlatform({ slackToken: null, chat: null, notices }), FUNCTION_NAMES);
  expect(JSON.stringify(without)).not.toMatch(/allUsers|slipway-chat|slack/);
  const open = table.filter(({ fields }) => JSON.stringify(fields).includes("allUsers"));
  expect(open.map(({ kind, name }) => `${kind} ${idOf(name)}`)).toEqual(["grants chat"]);
  const config = readConfig({
    ...environmentOf(somePlatform()),
    ...chatEnvironment(somePlatform()),
  });
  expect(config.identity.isEdgeChecked).toBe(false);
  expect(config.chat).toEqual({
    signingSecret: "projects/acme-slipway/secrets/slack-signing-secret",
    token: "projects/acme-slipway/secrets/slack-token",
    team: "T012AB3CD",
    people: new Map([["U012AB3CD", "ann@example.com"]]),
  });
});

test("nobody is given a basic role, and nobody may delete state", () => {
  const roles = grantsOf(somePlatform(), FUNCTION_NAMES).map(({ role }) => role);
  expect(roles.filter((role) => /roles\/(?:owner|editor|viewer)$|[.]admin$/.test(role))).toEqual(
    [],
  );
  const state = ofKind("role").find(({ name }) => name.endsWith("slipwayState"));
  expect(JSON.stringify(state?.fields["includedPermissions"])).not.toMatch(/delete|import|admin/i);
});

function permissions(project: string): string {
  const name = `projects/${project}/roles/slipwayEnvironment`;
  return JSON.stringify(ofKind("role").find((role) => role.name === name)?.fields);
}

test("an environment's role has what its services use and no more", () => {
  expect(permissions("acme-web-dev")).not.toMatch(/cloudsql|gkebackup/);
  expect(permissions("acme-web-prod")).toMatch(/cloudsql\.instances\.restoreBackup.*gkebackup/);
});

/** What is granted on a project that has the alerts of all environments, and to its Cloud Monitoring. */
function ofIncidents(incidentsProject: string): readonly string[] {
  const platform = somePlatform({ incidentsProject });
  const number = platform.numbers.get(incidentsProject) ?? "";
  return grantsOf(platform, FUNCTION_NAMES)
    .filter(
      ({ on, members }) =>
        on === "projects/acme-alerts" ||
        members.some((one) => one.includes(`service-${number}@gcp-sa-monitoring`)),
    )
    .map(({ on, role }) => `${on} ${role}`);
}

test("a project with the alerts of all environments is looked at, and may tell of incidents", () => {
  expect(ofIncidents("acme-alerts")).toEqual([
    "projects/acme-slipway/topics/slipway-incidents roles/pubsub.publisher",
    "projects/acme-alerts roles/monitoring.alertViewer",
  ]);
  // Where services run, the role of the environment has it already.
  expect(ofIncidents("acme-web-dev")).toEqual([
    "projects/acme-slipway/topics/slipway-incidents roles/pubsub.publisher",
  ]);
});

test("the cause of a resource that nobody asked for is not there", () => {
  const bare = someTable({ registries: [], environments: [] });
  expect(bare.filter(({ name }) => name.includes("gcr"))).toEqual([]);
  expect(bare.filter(({ kind }) => kind === "channel")).toEqual([]);
  expect(bare.filter(({ kind }) => kind === "service agent").map(({ name }) => name)).toEqual([
    "projects/acme-slipway/services/pubsub.googleapis.com",
    "projects/acme-slipway/services/iap.googleapis.com",
  ]);
});

test("everything that takes a mark has it", () => {
  for (const { kind, name, fields } of table) {
    const place = MARKS[kind] ?? "none";
    const { kind: owner } = ownerOf(place, "acme-slipway", fields);
    expect(owner, name).toBe(place === "none" ? "unmarked" : "ours");
  }
});

const MARKS: Readonly<Partial<Record<Resource["kind"], MarkPlace>>> = {
  account: "description",
  "alert policy": "userLabels",
  bucket: "labels",
  channel: "userLabels",
  dashboard: "labels",
  function: "labels",
  job: "description",
  repository: "labels",
  role: "description",
  subscription: "labels",
  topic: "labels",
};

test("no field of a body is indexed, in whatever collection", () => {
  const text = readFileSync(new URL("../../docs/reference/documents.md", import.meta.url), "utf8");
  const [, tree = ""] = text.split("```");
  const rows = [...tree.matchAll(/^ *(?<collection>[a-z]+)\/(?:\{|slipway )/gm)];
  const collections = [...new Set(rows.map(({ groups }) => groups?.["collection"] ?? ""))];
  expect(collections).toContain("notices");
  const exempt = ofKind("index")
    .filter(({ name }) => name.endsWith("/fields/body"))
    .map(({ name }) => name.split("/").at(-3));
  expect(new Set(exempt)).toEqual(new Set(collections));
});
