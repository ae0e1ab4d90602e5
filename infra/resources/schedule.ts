import type { protos } from "@google-cloud/scheduler";
import { ONE_CALL } from "../../shared/adapters/grpc-endpoint.ts";
import { callOutside } from "../../shared/adapters/outside-call.ts";
import { accountOf } from "../render/conventions.ts";
import type { Place } from "../render/place.ts";
import type { Cloud } from "./cloud.ts";
import { lookUp } from "./deploy-operation.ts";
import { changeOf } from "../../shared/domain/apply-plan.ts";
import { creation, unchanged } from "./step.ts";
import type { FieldChange } from "../../shared/domain/apply-plan.ts";
import type { PlannedStep } from "./step.ts";

type Job = protos.google.cloud.scheduler.v1.IJob;

/** Cloud Scheduler has no labels, so the description says whose a job is. */
const MARK = "managed by Slipway";
const TIME_ZONE = "Etc/UTC";
const RUN_API = "https://run.googleapis.com";

/**
 * The step for the schedule of a job: Cloud Scheduler runs it by Cloud Run's API, as the job's own account. Null when
 * the specification has no schedule and none of ours is there.
 * Source: https://cloud.google.com/run/docs/execute/jobs-on-schedule
 * @throws TransientError or PermanentError
 */
export async function planSchedule(cloud: Cloud, place: Place): Promise<PlannedStep | null> {
  const wanted = toJob(cloud, place);
  const name = scheduleName(place);
  const there = await lookUp(name, async () => {
    const [job] = await (await cloud.scheduler()).getJob({ name }, ONE_CALL);
    return job;
  });
  const isOurs = (there?.description ?? "").includes(MARK);
  if (wanted === null) {
    return isOurs ? removal(cloud, name) : null;
  }
  const notes = [`${accountOf(place)} needs roles/run.invoker on the job`];
  if (there === null) {
    return { ...creation("schedule", name, () => create(cloud, name, wanted)), notes };
  }
  if (!isOurs) {
    return unchanged("schedule", name, ["it is managed elsewhere, so Slipway leaves it alone"]);
  }
  const changes = differences(there, wanted);
  return changes.length === 0
    ? unchanged("schedule", name)
    : {
        kind: "schedule",
        name,
        action: "update",
        changes,
        notes,
        perform: () => update(cloud, wanted),
      };
}

function scheduleName({ environment }: Place): string {
  const { project, region, runService } = environment;
  return `projects/${project}/locations/${region}/jobs/${runService}`;
}

function toJob({ endpoints }: Cloud, place: Place): Job | null {
  const { service, environment, written } = place;
  const cron = written.schedule?.cron ?? "";
  if (cron === "") {
    return null;
  }
  const base = endpoints.cloudRun === null ? RUN_API : `http://${endpoints.cloudRun}`;
  const name = scheduleName(place);
  return {
    name,
    description: `Runs ${service.id} in ${environment.id}; ${MARK}`,
    schedule: cron,
    timeZone: TIME_ZONE,
    httpTarget: {
      // The job of Cloud Run has the same name in its own API.
      uri: `${base}/v2/${name}:run`,
      httpMethod: "POST",
      oauthToken: { serviceAccountEmail: accountOf(place) },
    },
  };
}

function differences(there: Job, wanted: Job): readonly FieldChange[] {
  return [
    ...changeOf("schedule", there.schedule ?? "", wanted.schedule ?? ""),
    ...changeOf("timeZone", there.timeZone ?? "", wanted.timeZone ?? ""),
    ...changeOf("uri", there.httpTarget?.uri ?? "", wanted.httpTarget?.uri ?? ""),
    ...changeOf("account", accountIn(there), accountIn(wanted)),
  ];
}

function accountIn({ httpTarget }: Job): string {
  return httpTarget?.oauthToken?.serviceAccountEmail ?? "";
}

async function create(cloud: Cloud, name: string, job: Job): Promise<void> {
  const [parent = ""] = name.split("/jobs/");
  await callOutside(name, async () =>
    (await cloud.scheduler()).createJob({ parent, job }, ONE_CALL),
  );
}

async function update(cloud: Cloud, job: Job): Promise<void> {
  const updateMask = { paths: ["schedule", "time_zone", "http_target"] };
  await callOutside(job.name ?? "", async () =>
    (await cloud.scheduler()).updateJob({ job, updateMask }, ONE_CALL),
  );
}

function removal(cloud: Cloud, name: string): PlannedStep {
  const perform = async (): Promise<void> => {
    await callOutside(name, async () => (await cloud.scheduler()).deleteJob({ name }, ONE_CALL));
  };
  return { kind: "schedule", name, action: "delete", changes: [], notes: [], perform };
}
