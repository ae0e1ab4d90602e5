import { methodsOn } from "../kit/operations-on.ts";
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
export function createApis(run: CloudRun): readonly Api[] {
  const policies = policiesOf(run);
  const services = {
    ...methodsOn(run, {
      CreateService: createService,
      GetService: getService,
      ListServices: listServices,
      UpdateService: updateService,
      DeleteService: deleteService,
    }),
    ...policies,
  };
  const revisions = methodsOn(run, {
    GetRevision: getRevision,
    ListRevisions: listRevisions,
    DeleteRevision: deleteRevision,
  });
  const jobs = {
    ...methodsOn(run, {
      CreateJob: createJob,
      GetJob: getJob,
      ListJobs: listJobs,
      UpdateJob: updateJob,
      DeleteJob: deleteJob,
      RunJob: runJob,
    }),
    ...policies,
  };
  const executions = methodsOn(run, {
    GetExecution: getExecution,
    ListExecutions: listExecutions,
    DeleteExecution: deleteExecution,
    CancelExecution: cancelExecution,
  });
  const tasks = methodsOn(run, { GetTask: getTask, ListTasks: listTasks });
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
