import type { Message } from "../kit/call.ts";
import { isRecord } from "../kit/json.ts";
import {
  actAs,
  allOf,
  type Need,
  needs,
  policyRules,
  type Rule,
  type Rules,
  textAt,
} from "../kit/access/rules.ts";

/**
 * Whoever makes or changes what runs as an account must be allowed to act as it. The default account, which counts
 * where none is named, is not asked about here.
 * Source: https://cloud.google.com/run/docs/securing/service-identity
 */
export function asAccount(field: string): Rule {
  return (request) => actAs(textAt(request, field));
}

/** A run whose arguments or variables are others than the job's needs a permission of its own. */
export const running: Rule = (request: Message) => {
  const resource = textAt(request, "name");
  const own: readonly Need[] = [{ permission: "run.jobs.run", resource }];
  return isRecord(request["overrides"])
    ? own.concat({ permission: "run.jobs.runWithOverrides", resource })
    : own;
};

/** The permission of each method. Source: https://cloud.google.com/run/docs/reference/iam/permissions */
export const RULES: Rules = {
  CreateService: allOf(
    needs("run.services.create", "parent"),
    asAccount("service.template.serviceAccount"),
  ),
  GetService: needs("run.services.get", "name"),
  ListServices: needs("run.services.list", "parent"),
  UpdateService: allOf(
    needs("run.services.update", "service.name"),
    asAccount("service.template.serviceAccount"),
  ),
  DeleteService: needs("run.services.delete", "name"),
  ...prefixed("Services", policyRules("run.services")),
  ...prefixed("Jobs", policyRules("run.jobs")),
  GetRevision: needs("run.revisions.get", "name"),
  ListRevisions: needs("run.revisions.list", "parent"),
  DeleteRevision: needs("run.revisions.delete", "name"),
  CreateJob: allOf(
    needs("run.jobs.create", "parent"),
    asAccount("job.template.template.serviceAccount"),
  ),
  GetJob: needs("run.jobs.get", "name"),
  ListJobs: needs("run.jobs.list", "parent"),
  UpdateJob: allOf(
    needs("run.jobs.update", "job.name"),
    asAccount("job.template.template.serviceAccount"),
  ),
  DeleteJob: needs("run.jobs.delete", "name"),
  RunJob: running,
  GetExecution: needs("run.executions.get", "name"),
  ListExecutions: needs("run.executions.list", "parent"),
  DeleteExecution: needs("run.executions.delete", "name"),
  CancelExecution: needs("run.executions.cancel", "name"),
  GetTask: needs("run.tasks.get", "name"),
  ListTasks: needs("run.tasks.list", "parent"),
  GetOperation: needs("run.operations.get", "name"),
};

function prefixed(service: string, rules: Rules): Rules {
  return Object.fromEntries(
    Object.entries(rules).map(([method, rule]) => [`${service}/${method}`, rule]),
  );
}
