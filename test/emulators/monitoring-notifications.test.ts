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
      },
    });
    const { id } = setting.server.incidents.open(policy);
    const [{ conditions }] = await setting.policies.getAlertPolicy({ name: policy });
    const incident = {
      incident_id: id,
      scoping_project_id: "acme-prod",
      scoping_project_number: 123456789012,
      url: `https://console.cloud.google.com/monitoring/alerting/alerts/${id}?channelType=cloud-pubsub&project=acme-prod`,
      started_at: Date.parse("2026-11-20T10:00:00Z") / 1_000,
      ended_at: null,
      state: "open",
      resource_id: "",
      resource_name: "acme-prod Cloud Run Revision labels {project_id=acme-prod}",
      resource_display_name: "cloud_run_revision",
      resource_type_display_name: "Cloud Run Revision",
      resource: { type: "cloud_run_revision", labels: { project_id: "acme-prod" } },
      metric: {
        type: "run.googleapis.com/request_count",
        displayName: "Request Count",
        labels: {},
      },
      metadata: { system_labels: {}, user_labels: {} },
      policy_name: "api 5xx ratio",
      policy_user_labels: { service: "api", action: "rollback" },
      documentation: {
        content: "Runbook",
        mime_type: "text/markdown",
        subject: "[ALERT - Error] api 5xx ratio",
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
      observed_value: "1.020",
      severity: "Error",
      summary: "5xx > 2% of acme-prod is violated with a value of 1.020.",
    };
    const time = "2026-11-20T10:00:00Z";
    expect(setting.published).toEqual([{ topic: TOPIC, time, body: { version: "1.2", incident } }]);
    expect(id).toMatch(/^0\.[0-9a-z]{12}$/);
    await setting.clock.advance(5 * MINUTE_MS);
    setting.server.incidents.close(policy);
    expect(setting.published[1]?.body).toEqual({
      version: "1.2",
      incident: {
        ...incident,
        ended_at: Date.parse("2026-11-20T10:05:00Z") / 1_000,
        state: "closed",
        documentation: { ...incident.documentation, subject: "[RESOLVED - Error] api 5xx ratio" },
        observed_value: "0.020",
        summary: "5xx > 2% of acme-prod is back to normal with a value of 0.020.",
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
});
