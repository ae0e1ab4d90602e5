import { type Hooks, operationsOn } from "../kit/operations-on.ts";
import type { Api, Unary } from "../kit/server.ts";
import {
  cancelExecution,
  deleteExecution,
  getExecution,
  getTask,
  listExecutions,
  listTasks,
  runJob,
} from "./operations-executions.ts";
import { createJob, deleteJob, getJob, listJobs, updateJob } from "./operations-jobs.ts";
import { policiesOf } from "./operations-policies.ts";
import { deleteRevision, getRevision, listRevisions } from "./operations-revisions.ts";
import {
  createService,
  deleteService,
  getService,
  listServices,
  updateService,
} from "./operations-services.ts";
import type { CloudRun } from "./state.ts";

const PROTOS = "@google-cloud/run/build/protos/protos.json";

/** Services of the API whose every method answers UNIMPLEMENTED by name. */
const NOT_EMULATED = ["Builds", "Instances", "WorkerPools"] as const;

/** The services of the API, each method an operation on the state. */
export function createApis(run: CloudRun, hooks: Hooks): readonly Api[] {
  const { reads, writes } = operationsOn(run, hooks);
  const policies = policiesOf(run);
  const services = {
    CreateService: writes(createService),
    GetService: reads(getService),
    ListServices: reads(listServices),
    UpdateService: writes(updateService),
    DeleteService: writes(deleteService),
    ...policies,
  };
  const revisions = {
    GetRevision: reads(getRevision),
    ListRevisions: reads(listRevisions),
    DeleteRevision: writes(deleteRevision),
  };
  const jobs = {
    CreateJob: writes(createJob),
    GetJob: reads(getJob),
    ListJobs: reads(listJobs),
    UpdateJob: writes(updateJob),
    DeleteJob: writes(deleteJob),
    RunJob: writes(runJob),
    ...policies,
  };
  const executions = {
    GetExecution: reads(getExecution),
    ListExecutions: reads(listExecutions),
    DeleteExecution: writes(deleteExecution),
    CancelExecution: writes(cancelExecution),
  };
  const tasks = { GetTask: reads(getTask), ListTasks: reads(listTasks) };
  return [
    api("Services", services),
    api("Revisions", revisions),
    api("Jobs", jobs),
    api("Executions", executions),
    api("Tasks", tasks),
    ...NOT_EMULATED.map((service) => api(service, {})),
  ];
}

function api(service: string, unary: Readonly<Record<string, Unary>>): Api {
  return { protos: PROTOS, service: `google.cloud.run.v2.${service}`, unary };
}
