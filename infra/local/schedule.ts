import { TOPICS, topicName } from "./emulators.ts";
import { create } from "./rest.ts";
import { LOCAL_LOCATION, LOCAL_PROJECT } from "./settings.ts";

/** The jobs by which Cloud Scheduler tells the time, as infrastructure makes them in Google's cloud. */
const JOBS = [
  ["minute", "* * * * *"],
  ["hour", "0 * * * *"],
  ["day", "0 3 * * *"],
] as const;

/** Creates the jobs that publish a tick each minute, hour and day. @throws Error when one is refused. */
export async function scheduleTicks(scheduler: string): Promise<void> {
  const parent = `projects/${LOCAL_PROJECT}/locations/${LOCAL_LOCATION}`;
  await Promise.all(
    JOBS.map(async ([kind, schedule]) => {
      const data = Buffer.from(JSON.stringify({ kind })).toString("base64");
      await create(`${scheduler}/v1/${parent}/jobs`, {
        name: `${parent}/jobs/slipway-${kind}`,
        schedule,
        timeZone: "Etc/UTC",
        pubsubTarget: { topicName: topicName(TOPICS.ticks), data },
      });
    }),
  );
}
