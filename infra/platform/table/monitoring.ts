import { keyOf, OWNER_LABEL } from "../resource.ts";
import type { Fields, Resource } from "../resource.ts";
import { incidentProjects } from "../settings.ts";
import type { Platform } from "../settings.ts";
import { needsApis, needsMark, OWN_TOPICS, topicName } from "./names.ts";

/** Lines that the functions log when something takes too long; alerts look for them. */
export const LOGGED = {
  outbox: "outbox is old",
  stuck: "promotion is stuck",
  detection: "image found late",
  givenUp: "given up",
} as const;

/**
 * The channels by which Cloud Monitoring of each environment tells of incidents, and Slipway's own alerts.
 * Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.notificationChannels
 */
export function monitoring(platform: Platform): readonly Resource[] {
  return [...channels(platform), ...alertPolicies(platform)];
}

function channels(platform: Platform): readonly Resource[] {
  const topic = topicName(platform, OWN_TOPICS.incidents);
  return incidentProjects(platform).map((project) => ({
    kind: "channel",
    name: `projects/${project}/notificationChannels/slipway`,
    project,
    needs: [
      needsApis(project),
      needsMark(platform),
      keyOf({ kind: "topic", name: topic }),
      keyOf({ kind: "grants", name: topic }),
    ],
    fields: {
      type: "pubsub",
      displayName: "Slipway",
      description: "Slipway hears of incidents through it.",
      labels: { topic },
      userLabels: { [OWNER_LABEL]: platform.project, "slipway-resource": "slipway" },
      enabled: true,
    },
    why: "Alert policies of the environment name it, and its gate opens and closes at once.",
  }));
}

function alertPolicies(platform: Platform): readonly Resource[] {
  const { project } = platform;
  return ALERTS.map(({ id, title, severity, condition, mend }) => ({
    kind: "alert policy",
    name: `projects/${project}/alertPolicies/${id}`,
    project,
    needs: [needsApis(project), needsMark(platform)],
    fields: {
      displayName: `Slipway: ${title}`,
      documentation: { content: mend, mimeType: "text/markdown" },
      userLabels: { [OWNER_LABEL]: project, "slipway-resource": id },
      combiner: "OR",
      enabled: true,
      severity,
      conditions: [{ displayName: title, ...condition }],
      ...("conditionMatchedLog" in condition
        ? { alertStrategy: { notificationRateLimit: { period: "3600s" }, autoClose: "3600s" } }
        : { alertStrategy: { autoClose: "3600s" } }),
      ...(platform.alertChannels.length > 0 && { notificationChannels: platform.alertChannels }),
    },
    why: mend,
  }));
}

type Alert = {
  readonly id: string;
  readonly title: string;
  readonly severity: "ERROR" | "WARNING";
  readonly condition: Fields;
  readonly mend: string;
};

const ALERTS: readonly Alert[] = [
  {
    id: "dead-letters",
    title: "dead letters wait",
    severity: "ERROR",
    condition: threshold(
      `resource.type = "pubsub_subscription" AND resource.labels.subscription_id = "${OWN_TOPICS.dead}" AND metric.type = "pubsub.googleapis.com/subscription/num_undelivered_messages"`,
      { above: 0, duration: "60s", aligner: "ALIGN_MAX" },
    ),
    mend: "A function refused a message ten times. `slipway doctor` shows them and how to read one.",
  },
  {
    id: "failed-ticks",
    title: "ticks fail or do not come",
    severity: "ERROR",
    condition: threshold(
      `resource.type = "pubsub_subscription" AND resource.labels.subscription_id = "slipway-on-tick-${OWN_TOPICS.ticks}" AND metric.type = "pubsub.googleapis.com/subscription/oldest_unacked_message_age"`,
      { above: 300, duration: "60s", aligner: "ALIGN_MAX" },
    ),
    mend: "No tick was taken for five minutes: lost messages are not made up for. See the log of on-tick.",
  },
  {
    id: "given-up",
    title: "a function gave something up",
    severity: "ERROR",
    condition: logged(LOGGED.givenUp),
    mend: "It will not pass by itself, such as a service that cannot be read. The log says which and why.",
  },
  {
    id: "outbox-age",
    title: "decided acts are not done",
    severity: "ERROR",
    condition: logged(LOGGED.outbox),
    mend: "What was decided waits in an outbox. `slipway doctor` names the services.",
  },
  {
    id: "stuck-promotions",
    title: "a promotion is stuck",
    severity: "WARNING",
    condition: logged(LOGGED.stuck),
    mend: "A step has not moved for an hour. `slipway promotion` shows what it waits for.",
  },
  {
    id: "detection-latency",
    title: "images are found late",
    severity: "WARNING",
    condition: logged(LOGGED.detection),
    mend: "An image was found by the sweep and not by its push. `slipway doctor` says whether events arrive.",
  },
];

type Threshold = { readonly above: number; readonly duration: string; readonly aligner: string };

function threshold(filter: string, { above, duration, aligner }: Threshold): Fields {
  return {
    conditionThreshold: {
      filter,
      comparison: "COMPARISON_GT",
      thresholdValue: above,
      duration,
      aggregations: [{ alignmentPeriod: "60s", perSeriesAligner: aligner }],
    },
  };
}

function logged(message: string): Fields {
  return {
    conditionMatchedLog: {
      filter: `resource.type="cloud_run_revision" jsonPayload.message="${message}"`,
    },
  };
}

/**
 * One page that shows whether Slipway is well.
 * Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v1/projects.dashboards
 */
export function dashboard(platform: Platform): Resource {
  const { project } = platform;
  return {
    kind: "dashboard",
    name: `projects/${project}/dashboards/slipway`,
    project,
    needs: [needsApis(project), needsMark(platform)],
    fields: {
      displayName: "Slipway",
      labels: { [OWNER_LABEL]: project },
      mosaicLayout: {
        columns: 12,
        tiles: CHARTS.map(({ title, filter, aligner }, index) => ({
          xPos: (index % 2) * 6,
          yPos: Math.floor(index / 2) * 4,
          width: 6,
          height: 4,
          widget: chart(title, filter, aligner),
        })),
      },
    },
    why: "Whoever is called at night sees in one place what Slipway does.",
  };
}

const OF_FUNCTIONS = `resource.type="cloud_run_revision"`;
const OF_SUBSCRIPTIONS = `resource.type="pubsub_subscription"`;
const CHARTS = [
  {
    title: "Requests of the functions",
    filter: `metric.type="run.googleapis.com/request_count" ${OF_FUNCTIONS}`,
    aligner: "ALIGN_RATE",
  },
  {
    title: "How long they take (95 of 100)",
    filter: `metric.type="run.googleapis.com/request_latencies" ${OF_FUNCTIONS}`,
    aligner: "ALIGN_PERCENTILE_95",
  },
  {
    title: "Oldest message that no function took",
    filter: `metric.type="pubsub.googleapis.com/subscription/oldest_unacked_message_age" ${OF_SUBSCRIPTIONS}`,
    aligner: "ALIGN_MAX",
  },
  {
    title: "Dead letters",
    filter: `metric.type="pubsub.googleapis.com/subscription/num_undelivered_messages" ${OF_SUBSCRIPTIONS} resource.labels.subscription_id="${OWN_TOPICS.dead}"`,
    aligner: "ALIGN_MAX",
  },
] as const;

function chart(title: string, filter: string, perSeriesAligner: string): Fields {
  return {
    title,
    xyChart: {
      dataSets: [
        {
          plotType: "LINE",
          timeSeriesQuery: {
            timeSeriesFilter: {
              filter,
              aggregation: { alignmentPeriod: "60s", perSeriesAligner },
            },
          },
        },
      ],
    },
  };
}
