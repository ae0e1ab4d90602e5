import { TOPICS, topicName } from "./topics.ts";
import { create, send } from "./rest.ts";
import { LOCAL_LOCATION, LOCAL_PROJECT } from "./settings.ts";

/** The jobs by which Cloud Scheduler tells the time, as infrastructure makes them in Google's cloud. */
const JOBS = [
  ["minute", "* * * * *"],
  ["hour", "0 * * * *"],
  ["day", "0 3 * * *"],
] as const;

/** The collection of the jobs. */
const PARENT = `projects/${LOCAL_PROJECT}/locations/${LOCAL_LOCATION}`;

/** Creates the jobs that publish a tick each minute, hour and day. @throws Error when one is refused. */
export async function scheduleTicks(scheduler: string): Promise<void> {
  await Promise.all(
    JOBS.map(async ([kind, schedule]) => {
      const data = Buffer.from(JSON.stringify({ kind })).toString("base64");
      await create(`${scheduler}/v1/${PARENT}/jobs`, {
        name: `${PARENT}/jobs/slipway-${kind}`,
        schedule,
        timeZone: "Etc/UTC",
        pubsubTarget: { topicName: topicName(TOPICS.ticks), data },
      });
    }),
  );
}

/** Pauses those jobs: time is told no more. @throws Error when one is refused. */
export async function pauseTicks(scheduler: string): Promise<void> {
  await Promise.all(
    JOBS.map(async ([kind]) =>
      send("POST", `${scheduler}/v1/${PARENT}/jobs/slipway-${kind}:pause`, {}),
    ),
  );
}
