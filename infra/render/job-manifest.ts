import { toContainer } from "./container.ts";
import { accountOf } from "./conventions.ts";
import { labelsOf } from "./place.ts";
import type { EnvironmentSpec, Place } from "./place.ts";
import { runtimeOf, templateAnnotations } from "./runtime.ts";
import { toSecretParts } from "./secrets.ts";

/** The Managed Services Platform's limit of one run that does not say otherwise. */
const DEADLINE_SECONDS_DEFAULT = 300;

/**
 * The Cloud Run job of one environment. When it runs is Cloud Scheduler's business.
 * Source: https://cloud.google.com/run/docs/reference/rest/v1/namespaces.jobs
 */
export function toJobManifest(place: Place): object {
  const { written, environment } = place;
  const secrets = toSecretParts(written);
  const labels = labelsOf(place);
  const annotations = templateAnnotations(place, secrets.aliases);
  const own = runtimeOf(place)?.annotations ?? {};
  const deadline = written.deadlineSeconds ?? DEADLINE_SECONDS_DEFAULT;
  return {
    apiVersion: "run.googleapis.com/v1",
    kind: "Job",
    metadata: {
      name: environment.runService,
      labels,
      ...(Object.keys(own).length > 0 && { annotations: own }),
    },
    spec: {
      template: {
        metadata: { labels, ...(Object.keys(annotations).length > 0 && { annotations }) },
        spec: {
          taskCount: 1,
          template: {
            spec: {
              serviceAccountName: accountOf(place),
              timeoutSeconds: deadline,
              containers: [toContainer(place, secrets, toSchedule(written, deadline))],
              ...(secrets.volumes.length > 0 && { volumes: secrets.volumes }),
            },
          },
        },
      },
    },
  };
}

/** A job that runs on a schedule is told of it, so that it can report a run that is missing. */
function toSchedule(
  { schedule }: EnvironmentSpec,
  deadline: number,
): Readonly<Record<string, string>> {
  return schedule === undefined
    ? {}
    : {
        JOB_EXECUTION_CRON_SCHEDULE: schedule.cron,
        JOB_EXECUTION_DEADLINE: `${deadline}s`,
      };
}
