import { AlertPolicyServiceClient } from "@google-cloud/monitoring";
import type { protos } from "@google-cloud/monitoring";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { manualClock } from "../support/manual-clock.ts";
import { startMonitoring } from "../../emulators/monitoring/server.ts";
import { endpointOptions } from "../../shared/adapters/grpc-endpoint.ts";
import { monitoringIncidents } from "../../shared/adapters/monitoring-incidents.ts";
import { incidentsContract } from "../support/contracts/incidents-contract.ts";
import type { OpenIncidents } from "../support/contracts/incidents-contract.ts";
import { startAnswering } from "../support/answering-server.ts";
import type { AnsweringServer } from "../support/answering-server.ts";
import { memoryPorts } from "../support/memory-ports.ts";

const CONDITION: protos.google.monitoring.v3.AlertPolicy.ICondition = {
  displayName: "too many",
  conditionThreshold: {
    filter: 'resource.type="cloud_run_revision" AND metric.type="run.googleapis.com/request_count"',
    aggregations: [{ alignmentPeriod: { seconds: 60 }, perSeriesAligner: "ALIGN_RATE" }],
    comparison: "COMPARISON_GT",
    thresholdValue: 0.02,
    duration: { seconds: 60 },
    trigger: { count: 1 },
  },
};

incidentsContract("in memory", async () => {
  const { ports, clock, incidents } = memoryPorts();
  return {
    incidents: ports.incidents,
    raise: async (project, { name, severity, labels }) =>
      incidents.open(project, { policy: name, severity: severity ?? "UNKNOWN", ...labels }).id,
    calm: async (project) => {
      incidents.close(project);
    },
    now: clock.now,
    close: async () => {},
  };
});

incidentsContract("by Cloud Monitoring", async (): Promise<OpenIncidents> => {
  const clock = manualClock();
  const server = await startMonitoring({ clock });
  const policies = new AlertPolicyServiceClient(await endpointOptions(server.grpcAddress));
  const raised: string[] = [];
  return {
    incidents: monitoringIncidents({ endpoint: server.url }),
    raise: async (project, { name, severity, labels = {} }) => {
      const [created] = await policies.createAlertPolicy({
        name: `projects/${project}`,
        alertPolicy: {
          displayName: name,
          combiner: "OR",
          conditions: [CONDITION],
          userLabels: labels,
          ...(severity === null ? {} : { severity }),
        },
      });
      const policy = created.name ?? "";
      raised.push(policy);
      return server.incidents.open(policy).id;
    },
    calm: async (project) => {
      for (const policy of raised.filter((one) => one.startsWith(`projects/${project}/`))) {
        server.incidents.close(policy);
      }
    },
    now: clock.now,
    close: async () => {
      await policies.close();
      await server.close();
    },
  };
});

describe("where another project has the alerts", () => {
  let server: AnsweringServer;
  beforeEach(async () => {
    server = await startAnswering();
  });
  afterEach(async () => server.close());

  const scoping = { everywhere: "central", ofProject: new Map([["special", "special-scope"]]) };

  /** Whatever is asked, each of the two lists answers with its own alerts. */
  async function listed(own: readonly object[], shared: readonly object[]): Promise<unknown> {
    const byProject = new Map([
      ["p", own],
      ["central", shared],
    ]);
    server.answerBy((path) => {
      const [, project = ""] = /projects\/([^/]+)\/alerts/.exec(path) ?? [];
      return { body: JSON.stringify({ alerts: byProject.get(project) ?? [] }) };
    });
    const open = await monitoringIncidents({ endpoint: server.url, scoping }).listOpen("p");
    return open.map(({ id }) => id);
  }

  test("both are read, and an alert about another project is none of this one", async () => {
    const shared = [alert("2", about("p")), alert("3", about("other"))];
    expect(await listed([alert("1")], shared)).toEqual(["1", "2"]);
  });

  test("an alert that says nothing of its project may be about any", async () => {
    expect(await listed([], [alert("1"), alert("2", { resource: { labels: {} } })])).toEqual([
      "1",
      "2",
    ]);
  });

  test("the labels of a policy say more than the project of what is unwell", async () => {
    const both = { ...about("balancers"), ...labelled({ service: "web", environment: "prod" }) };
    const one = { ...about("balancers"), ...labelled({ service: "web" }) };
    expect(await listed([], [alert("1", both), alert("2", one)])).toEqual(["1"]);
  });

  test("a project of its own is asked in its own scoping project", async () => {
    server.answerBy(() => ({ body: "{}" }));
    await monitoringIncidents({ endpoint: server.url, scoping }).listOpen("special");
    const projects = server.asked.map((path) => /projects\/([^/]+)/.exec(path)?.[1]);
    expect(new Set(projects)).toEqual(new Set(["special", "special-scope"]));
  });
});

describe("the list of alerts", () => {
  let server: AnsweringServer;
  beforeEach(async () => {
    server = await startAnswering();
  });
  afterEach(async () => server.close());

  async function listed(...pages: readonly object[]): Promise<unknown> {
    for (const page of pages) {
      server.answer({ body: JSON.stringify(page) });
    }
    return monitoringIncidents({ endpoint: server.url }).listOpen("p");
  }

  test("is read to its last page", async () => {
    const first = { alerts: [alert("1")], nextPageToken: "more" };
    expect(await listed(first, { alerts: [alert("2")] })).toMatchObject([{ id: "1" }, { id: "2" }]);
    expect(
      server.asked.map((path) => new URL(path, server.url).searchParams.get("pageToken")),
    ).toEqual(["", "more"]);
  });

  test("knows whose a policy of the Managed Services Platform is", async () => {
    const userLabels = { msp_service_id: "web", msp_environment_id: "prod" };
    expect(await listed({ alerts: [alert("1", { policy: { userLabels } })] })).toMatchObject([
      { service: "web", environment: "prod" },
    ]);
  });

  test("that never ends is given up", async () => {
    const pages = Array.from({ length: 20 }, () => ({ alerts: [], nextPageToken: "more" }));
    await expect(listed(...pages)).rejects.toMatchObject({
      name: "PermanentError",
      status: "RESOURCE_EXHAUSTED",
    });
  });

  test.for([
    [{ severity: "DISASTER" }, "a severity that is not known"],
    [{ severity: "SEVERITY_UNSPECIFIED" }, "none"],
    [{}, "none at all"],
  ] as const)("gives %o the severity UNKNOWN: %s", async ([policy]) => {
    expect(await listed({ alerts: [alert("1", { policy })] })).toMatchObject([
      { severity: "UNKNOWN" },
    ]);
  });

  test("counts an alert as open whose state is not known, or who says nothing of its policy", async () => {
    const odd = [alert("1", { state: "SMOULDERING" }), alert("2"), alert("3", { state: "CLOSED" })];
    expect(await listed({ alerts: odd })).toMatchObject([{ id: "1" }, { id: "2", policy: "" }]);
  });

  test("that is refused is a permanent failure", async () => {
    const error = { code: 403, status: "PERMISSION_DENIED", message: "no" };
    server.answer({ status: 403, body: JSON.stringify({ error }) });
    await expect(listed()).rejects.toMatchObject({
      name: "PermanentError",
      status: "PERMISSION_DENIED",
    });
  });

  test.for([
    ["<html>busy</html>", 200],
    ["<html>busy</html>", 503],
    ['{"alerts":[{"name":"projects/p/alerts/1"}]}', 200],
  ] as const)("that cannot be read (%s, %i) is no empty list", async ([body, status]) => {
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      server.answer({ status, body });
    }
    await expect(listed()).rejects.toMatchObject({ name: "TransientError" });
  });
});

function alert(id: string, more: object = {}): object {
  return {
    name: `projects/p/alerts/${id}`,
    state: "OPEN",
    openTime: "2026-11-20T10:15:02Z",
    ...more,
  };
}

function about(project: string): object {
  return { resource: { labels: { project_id: project } } };
}

function labelled(userLabels: object): object {
  return { policy: { userLabels } };
}
