import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  aPolicy,
  createChannel,
  createPair,
  createPolicy,
  MINUTE_MS,
  openMonitoring,
  type Setting,
  TOPIC,
} from "./monitoring-setting.ts";

const RUN = { labels: { service_name: "api", location: "us-central1" } };

let setting: Setting;
beforeEach(async () => {
  setting = await openMonitoring();
});
afterEach(async () => {
  await setting.close();
});

describe("a notification", () => {
  test("of an open and of a closed incident has the documented shape", async () => {
    const { policy } = await createPair(setting, {
      userLabels: { service: "api", action: "rollback" },
      documentation: {
        content: "Runbook",
        mimeType: "text/markdown",
        links: [{ displayName: "playbook", url: "https://example.test/p" }],
      },
    });
    const metric = { labels: { response_code_class: "5xx" } };
    const observedValue = "0.071";
    const { id } = setting.server.incidents.open(policy, { resource: RUN, metric, observedValue });
    const [{ conditions }] = await setting.policies.getAlertPolicy({ name: policy });
    const resourceName =
      "acme-prod api Cloud Run Revision labels {project_id=acme-prod, service_name=api, location=us-central1}";
    const series = `Request Count for ${resourceName} with metric labels {response_code_class=5xx}`;
    const incident = {
      incident_id: id,
      scoping_project_id: "acme-prod",
      scoping_project_number: 123456789012,
      url: `https://console.cloud.google.com/monitoring/alerting/alerts/${id}?channelType=cloud-pubsub&project=acme-prod`,
      started_at: Date.parse("2026-11-20T10:00:00Z") / 1_000,
      ended_at: null,
      state: "open",
      resource_id: "",
      resource_name: resourceName,
      resource_display_name: "api",
      resource_type_display_name: "Cloud Run Revision",
      resource: { type: "cloud_run_revision", labels: { project_id: "acme-prod", ...RUN.labels } },
      metric: {
        type: "run.googleapis.com/request_count",
        displayName: "Request Count",
        labels: { response_code_class: "5xx" },
      },
      metadata: { system_labels: {}, user_labels: {} },
      policy_name: "api 5xx ratio",
      policy_user_labels: { service: "api", action: "rollback" },
      documentation: {
        content: "Runbook",
        mime_type: "text/markdown",
        subject: "[ALERT - Error] api 5xx ratio",
        links: [{ displayName: "playbook", url: "https://example.test/p" }],
      },
      condition: {
        name: conditions?.[0]?.name,
        displayName: "5xx > 2%",
        conditionThreshold: {
          filter:
            'resource.type="cloud_run_revision" AND metric.type="run.googleapis.com/request_count"',
          aggregations: [{ alignmentPeriod: "60s", perSeriesAligner: "ALIGN_RATE" }],
          comparison: "COMPARISON_GT",
          thresholdValue: 0.02,
          duration: "60s",
          trigger: { count: 1 },
        },
      },
      condition_name: "5xx > 2%",
      threshold_value: "0.02",
      observed_value: "0.071",
      severity: "Error",
      summary: `${series} is above the threshold of 0.020 with a value of 0.071.`,
    };
    const time = "2026-11-20T10:00:00Z";
    expect(setting.published).toEqual([{ topic: TOPIC, time, body: { version: "1.2", incident } }]);
    expect(id).toMatch(/^0\.[0-9a-z]{12}$/);
    await setting.clock.advance(5 * MINUTE_MS);
    setting.server.incidents.close(policy, { observedValue: "0.003" });
    expect(setting.published[1]?.body).toEqual({
      version: "1.2",
      incident: {
        ...incident,
        ended_at: Date.parse("2026-11-20T10:05:00Z") / 1_000,
        state: "closed",
        documentation: { ...incident.documentation, subject: "[RESOLVED - Error] api 5xx ratio" },
        observed_value: "0.003",
        summary: `${series} returned to normal with a value of 0.003.`,
      },
    });
  });

  test("leaves out user labels that there are not, and says when there is no severity", async () => {
    const { policy } = await createPair(setting, { severity: null });
    setting.server.incidents.open(policy);
    expect(setting.published[0]?.body).toMatchObject({ incident: { severity: "No Severity" } });
    expect(setting.published[0]?.body).not.toHaveProperty("incident.policy_user_labels");
  });

  test("goes to every channel of the policy that is enabled", async () => {
    const second = await createChannel(setting, "projects/other/topics/alerts");
    const third = await createChannel(setting, "projects/other/topics/off");
    const first = await createChannel(setting);
    const notificationChannels = [first, second, third];
    const policy = await createPolicy(setting, aPolicy({ notificationChannels }));
    await setting.channels.updateNotificationChannel({
      notificationChannel: { name: third, enabled: { value: false } },
      updateMask: { paths: ["enabled"] },
    });
    setting.server.incidents.open(policy);
    expect(setting.published.map(({ topic }) => topic)).toEqual([
      TOPIC,
      "projects/other/topics/alerts",
    ]);
  });

  test("that tries a channel out is of version test and about nothing real", async () => {
    const { channel } = await createPair(setting);
    const answer = await setting.send("POST", `/emulator/v1/${channel}:test`);
    expect(answer.status).toBe(200);
    expect(setting.published).toMatchObject([
      {
        topic: TOPIC,
        body: { version: "test", incident: { state: "OPEN", incident_id: "12345" } },
      },
    ]);
  });
});
