import { protos } from "@google-cloud/monitoring";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  aPolicy,
  createPolicy,
  type IAlertPolicy,
  LOG_MATCH,
  openMonitoring,
  PROJECT,
  RATE_LIMIT,
  type Setting,
  threshold,
} from "./monitoring-setting.ts";

let setting: Setting;
beforeEach(async () => {
  setting = await openMonitoring();
});
afterEach(async () => {
  await setting.close();
});

async function listNames(): Promise<readonly unknown[]> {
  const [policies] = await setting.policies.listAlertPolicies({ name: PROJECT });
  return policies.map(({ displayName }) => displayName);
}

const { OPENED } = protos.google.monitoring.v3.AlertPolicy.AlertStrategy.NotificationPrompt;
const X = "x".repeat(64);

const REFUSED: readonly (readonly [string, IAlertPolicy])[] = [
  ["no display name", aPolicy({ displayName: "" })],
  ["a display name of 513 characters", aPolicy({ displayName: "x".repeat(513) })],
  ["no combiner", aPolicy({ combiner: null })],
  ["no condition", aPolicy({ conditions: [] })],
  ["seven conditions", aPolicy({ conditions: Array.from({ length: 7 }, () => threshold()) })],
  ["a condition of no kind", aPolicy({ conditions: [{ displayName: "x" }] })],
  ["a condition without a name", aPolicy({ conditions: [{ ...threshold(), displayName: "" }] })],
  [
    "a filter without a resource type",
    aPolicy({ conditions: [threshold({ filter: 'metric.type="a"' })] }),
  ],
  [
    "a comparison that is not supported",
    aPolicy({ conditions: [threshold({ comparison: "COMPARISON_EQ" })] }),
  ],
  [
    "a duration of half a minute",
    aPolicy({ conditions: [threshold({ duration: { seconds: 30 } })] }),
  ],
  [
    "an alignment below a minute",
    aPolicy({
      conditions: [
        threshold({
          aggregations: [{ alignmentPeriod: { seconds: 59 }, perSeriesAligner: "ALIGN_MEAN" }],
        }),
      ],
    }),
  ],
  [
    "a log condition beside another",
    aPolicy({ conditions: [LOG_MATCH, threshold()], alertStrategy: RATE_LIMIT }),
  ],
  ["a log condition without a rate limit", aPolicy({ conditions: [LOG_MATCH] })],
  ["a rate limit on a metric", aPolicy({ alertStrategy: RATE_LIMIT })],
  [
    "an automatic closing after 29 min 59 s",
    aPolicy({ alertStrategy: { autoClose: { seconds: 1799 } } }),
  ],
  ["an upper-case label", aPolicy({ userLabels: { Service: "api" } })],
  ["a label that begins with a digit", aPolicy({ userLabels: { "1a": "api" } })],
  ["a label value of 64 characters", aPolicy({ userLabels: { service: X } })],
  [
    "65 labels",
    aPolicy({
      userLabels: Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`a${at}`, ""])),
    }),
  ],
  ["documentation of 8193 characters", aPolicy({ documentation: { content: "x".repeat(8193) } })],
  ["documentation in HTML", aPolicy({ documentation: { content: "x", mimeType: "text/html" } })],
];

const ACCEPTED: readonly (readonly [string, IAlertPolicy])[] = [
  ["a display name of 512 characters", aPolicy({ displayName: "x".repeat(512) })],
  ["six conditions", aPolicy({ conditions: Array.from({ length: 6 }, () => threshold()) })],
  [
    "a log condition with a rate limit",
    aPolicy({ conditions: [LOG_MATCH], alertStrategy: RATE_LIMIT }),
  ],
  [
    "an automatic closing after 30 min",
    aPolicy({ alertStrategy: { autoClose: { seconds: 1800 } } }),
  ],
  ["a label value of 63 characters", aPolicy({ userLabels: { service: X.slice(1) } })],
  [
    "documentation of 8192 characters",
    aPolicy({ documentation: { content: "x".repeat(8192), mimeType: "text/markdown" } }),
  ],
  [
    "a Prometheus query",
    aPolicy({
      conditions: [
        {
          displayName: "p",
          conditionPrometheusQueryLanguage: {
            query: "up == 0",
            evaluationInterval: { seconds: 30 },
          },
        },
      ],
    }),
  ],
];

describe("a policy with", () => {
  test.each(REFUSED)("%s is refused", async (_what, policy) => {
    await expect(createPolicy(setting, policy)).rejects.toMatchObject({
      code: 3,
    });
    expect(await listNames()).toEqual([]);
  });

  test.each(ACCEPTED)("%s is accepted", async (_what, policy) => {
    await createPolicy(setting, policy);
    expect(await listNames()).toEqual([policy.displayName]);
  });

  test.each<[string, IAlertPolicy]>([
    ["absent data", aPolicy({ conditions: [{ displayName: "a", conditionAbsent: {} }] })],
    ["a query in SQL", aPolicy({ conditions: [{ displayName: "a", conditionSql: {} }] })],
    ["a forecast", aPolicy({ conditions: [threshold({ forecastOptions: {} })] })],
    ["prompts", aPolicy({ alertStrategy: { notificationPrompts: [OPENED] } })],
    ["links", aPolicy({ documentation: { links: [{ displayName: "a", url: "https://a.test" }] } })],
    ["reminders", aPolicy({ alertStrategy: { notificationChannelStrategy: [{}] } })],
  ])("%s is refused by name", async (_what, policy) => {
    await expect(createPolicy(setting, policy)).rejects.toThrow("does not implement");
    expect(await listNames()).toEqual([]);
  });
});
