import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { applySpec } from "../../infra/plan/apply-spec.ts";
import type { ApplyOutcome } from "../../infra/plan/apply-spec.ts";
import type { Scoping } from "../../shared/domain/scoping.ts";
import { send } from "../../infra/local/rest.ts";
import { edit } from "../unit/spec-support.ts";
import { openApply, sample } from "./apply-setting.ts";
import type { ApplySetting } from "./apply-setting.ts";

const TESTBED = sample("msp-testbed");
const PARCELS = sample("parcel-tracker");
const DEV = "msp-testbed-dev-8d3f";
const PROD = "msp-testbed-prod-41c7";
const CENTRAL: Scoping = { everywhere: "acme-monitoring", ofProject: new Map() };
const ALERTS = TESTBED.slice(TESTBED.indexOf("monitoring:"));

const Policy = z.looseObject({
  name: z.string(),
  displayName: z.string(),
  userLabels: z.record(z.string(), z.string()).default({}),
  notificationChannels: z.array(z.string()).default([]),
  conditions: z.array(z.looseObject({})),
});
const Channel = z.object({ name: z.string(), labels: z.record(z.string(), z.string()) });

let setting: ApplySetting;
beforeEach(async () => {
  setting = await openApply();
});
afterEach(async () => {
  await setting.close();
});

async function policiesIn(project: string): Promise<readonly z.output<typeof Policy>[]> {
  const url = `${setting.monitoring.url}/v3/projects/${project}/alertPolicies`;
  const listed = await send("GET", url);
  return z.object({ alertPolicies: z.array(Policy).default([]) }).parse(listed).alertPolicies;
}

async function channelsIn(project: string): Promise<readonly z.output<typeof Channel>[]> {
  const url = `${setting.monitoring.url}/v3/projects/${project}/notificationChannels`;
  const Channels = z.object({ notificationChannels: z.array(Channel).default([]) });
  return Channels.parse(await send("GET", url)).notificationChannels;
}

async function first(project: string): Promise<z.output<typeof Policy>> {
  const [policy] = await policiesIn(project);
  return Policy.parse(policy);
}

async function patch(name: string, mask: string, body: object): Promise<void> {
  await send("PATCH", `${setting.monitoring.url}/v3/${name}?updateMask=${mask}`, body);
}

/** What is said of alert policies: `action field…` of each, and the notes. */
function told(outcome: ApplyOutcome): readonly string[] {
  const steps = outcome.kind === "applied" ? outcome.steps : [];
  return steps
    .filter(({ kind }) => kind === "alert policy")
    .flatMap(({ action, changes, notes }) =>
      [[action, ...changes.map(({ field }) => field)].join(" ")].concat(notes),
    );
}

async function applyIn(scoping: Scoping, text: string): Promise<ApplyOutcome> {
  return applySpec({ ...setting.installation, scoping }, text);
}

describe("the alerts of a specification", () => {
  test("become policies in each environment's project, labelled with whose they are", async () => {
    expect(told(await setting.apply(TESTBED))).toEqual(["create", "create"]);
    expect(await policiesIn(PROD)).toMatchObject([
      {
        displayName: "MSP Testbed in prod: Too many server errors",
        severity: "ERROR",
        enabled: true,
        userLabels: {
          "managed-by": "slipway",
          service: "msp-testbed",
          environment: "prod",
          alert: "ratio-server-errors",
        },
        conditions: [
          {
            displayName: "5xx above 0.05 of all responses",
            conditionThreshold: {
              comparison: "COMPARISON_GT",
              thresholdValue: 0.05,
              duration: "300s",
            },
          },
        ],
      },
    ]);
    expect(await policiesIn(DEV)).toMatchObject([{ userLabels: { environment: "dev" } }]);
  });

  test("count the codes of the service that they name, and leave out those that do not count", async () => {
    const text = edit(TESTBED, ["ratio: 0.05", "ratio: 0.05\n        excludeCodes: ['501']"]);
    await setting.apply(text);
    const { conditions } = await first(PROD);
    const all = `resource.type="cloud_run_revision" AND metric.type="run.googleapis.com/request_count" AND resource.labels.project_id="${PROD}" AND resource.labels.location="us-central1" AND resource.labels.service_name="msp-testbed-prod-us-central1"`;
    expect(conditions).toMatchObject([
      {
        conditionThreshold: {
          filter: `${all} AND metric.labels.response_code_class="5xx" AND metric.labels.response_code!="501"`,
          denominatorFilter: all,
        },
      },
    ]);
  });

  test("on queries become policies of their language, with their severity", async () => {
    await setting.apply(PARCELS);
    const [project = ""] = /parcel-tracker-prod-\w+/.exec(PARCELS) ?? [];
    expect(await policiesIn(project)).toMatchObject([
      { userLabels: { alert: "ratio-server-errors" } },
      {
        severity: "CRITICAL",
        userLabels: { alert: "custom-carriers-unreachable" },
        conditions: [
          {
            conditionPrometheusQueryLanguage: {
              query: "sum(rate(carrier_errors_total[5m])) > 1",
              duration: "600s",
            },
          },
        ],
      },
    ]);
  });

  test("tell Slipway by a channel, which is made once", async () => {
    await setting.apply(TESTBED);
    const [channel, ...others] = await channelsIn(PROD);
    expect(channel?.labels).toEqual({ topic: "projects/slipway/topics/slipway-incidents" });
    expect(others).toEqual([]);
    expect((await first(PROD)).notificationChannels).toEqual([channel?.name]);
  });

  test("stay as they are by a second apply", async () => {
    await setting.apply(PARCELS);
    const before = setting.monitoring.faults.calls("CreateAlertPolicy");
    expect(new Set(told(await setting.apply(PARCELS)))).toEqual(new Set(["unchanged"]));
    expect(setting.monitoring.faults.calls("CreateAlertPolicy")).toBe(before);
    expect(setting.monitoring.faults.calls("UpdateAlertPolicy")).toBe(0);
  });

  test("that no policy can say are named", async () => {
    const text = edit(TESTBED, ["        codeClass: 5xx\n", ""]);
    expect(told(await setting.apply(text))).toEqual(
      Array.from({ length: 2 }).flatMap(() => [
        "unchanged",
        "no policy for responseCodeRatios server-errors: it names neither code nor codeClass; name one",
      ]),
    );
  });
});

describe("a policy of ours", () => {
  beforeEach(async () => {
    await setting.apply(TESTBED);
  });

  test.each([
    ["displayName", { displayName: "mine" }],
    ["severity", { severity: "WARNING" }],
    ["enabled", { enabled: false }],
    ["documentation", { documentation: { content: "call Ann", mimeType: "text/markdown" } }],
    ["notificationChannels", { notificationChannels: [] }],
  ])("whose %s was changed by hand is mended", async (field, change) => {
    const before = await first(PROD);
    await patch(before.name, field, change);
    expect(told(await setting.apply(TESTBED))).toEqual(["unchanged", `update ${field}`]);
    expect({ ...(await first(PROD)), mutationRecord: null }).toEqual({
      ...before,
      mutationRecord: null,
    });
    expect(told(await setting.apply(TESTBED))).toEqual(["unchanged", "unchanged"]);
  });

  test("whose threshold was changed by hand, or has a condition more, is mended", async () => {
    const { name, conditions } = await first(PROD);
    const [condition = {}] = conditions;
    const text = JSON.stringify(condition);
    const other: unknown = JSON.parse(text.replace("0.05,", "0.5,"));
    await patch(name, "conditions", { conditions: [other] });
    expect(told(await setting.apply(TESTBED))).toEqual(["unchanged", "update conditions"]);
    const now = await first(PROD);
    await patch(name, "conditions", {
      conditions: [...now.conditions, { ...condition, name: undefined }],
    });
    expect(told(await setting.apply(TESTBED))).toEqual(["unchanged", "update conditions"]);
    expect((await first(PROD)).conditions).toHaveLength(1);
  });

  test("keeps the channels and labels that people added", async () => {
    const { name, notificationChannels, userLabels } = await first(PROD);
    const url = `${setting.monitoring.url}/v3/projects/${PROD}/notificationChannels`;
    const labels = { topic: "projects/acme/topics/pages" };
    const added = Channel.parse(
      await send("POST", url, { type: "pubsub", displayName: "P", labels }),
    );
    const channels = [...notificationChannels, added.name];
    await patch(name, "notificationChannels,userLabels", {
      notificationChannels: channels,
      userLabels: { ...userLabels, team: "core" },
    });
    expect(told(await setting.apply(TESTBED))).toEqual(["unchanged", "unchanged"]);
    await setting.apply(edit(TESTBED, ["ratio: 0.05", "ratio: 0.1"]));
    expect(await first(PROD)).toMatchObject({
      notificationChannels: channels,
      userLabels: { ...userLabels, team: "core" },
    });
  });

  test("that the file has no more is deleted, and another's never touched", async () => {
    const url = `${setting.monitoring.url}/v3/projects/${PROD}/alertPolicies`;
    const { conditions } = await first(PROD);
    const condition = { ...conditions[0], name: undefined };
    for (const userLabels of [{}, { service: "msp-testbed", environment: "prod" }]) {
      const theirs = { displayName: "theirs", combiner: "OR", userLabels, conditions: [condition] };
      await send("POST", url, theirs);
    }
    expect(told(await setting.apply(edit(TESTBED, [ALERTS, ""])))).toEqual(
      Array.from({ length: 2 }).flatMap((_, at) => [
        "delete",
        `the file no longer has MSP Testbed in ${at === 0 ? "dev" : "prod"}: Too many server errors`,
      ]),
    );
    expect((await policiesIn(PROD)).map(({ displayName }) => displayName)).toEqual([
      "theirs",
      "theirs",
    ]);
  });
});

describe("where a scoping project has the alerts", () => {
  test("policies are made there, one channel for all, and their incidents name the project", async () => {
    await applyIn(CENTRAL, TESTBED);
    expect(await policiesIn(PROD)).toEqual([]);
    expect((await policiesIn("acme-monitoring")).map(({ userLabels }) => userLabels)).toMatchObject(
      [{ environment: "dev" }, { environment: "prod" }],
    );
    expect(await channelsIn("acme-monitoring")).toHaveLength(1);
    expect(new Set(told(await applyIn(CENTRAL, TESTBED)))).toEqual(new Set(["unchanged"]));
  });

  test("a query that names no project is told of", async () => {
    expect(told(await applyIn(CENTRAL, PARCELS))).toContain(
      "the query of Carriers unreachable sees every project that acme-monitoring watches over: restrict it by project_id",
    );
  });
});
