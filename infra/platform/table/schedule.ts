import { keyOf, ownerText } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { Settings } from "../settings.ts";
import { needsApis, needsMark, OWN_TOPICS, topicName } from "./names.ts";

const TICKS = [
  { kind: "minute", schedule: "* * * * *", why: "takes up what was lost, and opens gates" },
  { kind: "hour", schedule: "0 * * * *", why: "looks into registries and for drift" },
  { kind: "day", schedule: "0 3 * * *", why: "reminds of holds and removes old backups" },
] as const;

/** The jobs that tell the time. Source: https://cloud.google.com/scheduler/docs/reference/rest */
export function schedule(settings: Settings): readonly Resource[] {
  const { project, location } = settings;
  const topic = topicName(settings, OWN_TOPICS.ticks);
  return TICKS.map(({ kind, schedule: cron, why }) => ({
    kind: "job",
    name: `projects/${project}/locations/${location}/jobs/slipway-${kind}`,
    project,
    needs: [
      needsApis(project),
      needsMark(settings),
      keyOf({ kind: "topic", name: topic }),
      // Last of all: before the subscription is there, ticks would go nowhere.
      keyOf({
        kind: "subscription",
        name: `projects/${project}/subscriptions/slipway-on-tick-${OWN_TOPICS.ticks}`,
      }),
    ],
    fields: {
      description: `${ownerText(project)} each ${kind}, ${why}`,
      schedule: cron,
      timeZone: "Etc/UTC",
      pubsubTarget: {
        topicName: topic,
        data: Buffer.from(JSON.stringify({ kind })).toString("base64"),
      },
    },
    why: `Each ${kind}, Slipway ${why}.`,
  }));
}
