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
  ...policyRules((name) => (name.includes("/jobs/") ? "run.jobs" : "run.services")),
  ...writtenRules("Service", "service.template.serviceAccount"),
  ...readRules("Revision"),
  ...writtenRules("Job", "job.template.template.serviceAccount"),
  ...readRules("Execution"),
  RunJob: running,
  CancelExecution: needs("run.executions.cancel", "name"),
  GetOperation: needs("run.operations.get", "name"),
};

function readRules(one: string): Rules {
  const kind = `run.${one.toLowerCase()}s`;
  return {
    [`Get${one}`]: needs(`${kind}.get`, "name"),
    [`List${one}s`]: needs(`${kind}.list`, "parent"),
    [`Delete${one}`]: needs(`${kind}.delete`, "name"),
  };
}

/**
 * Whoever makes or changes what runs as an account must be allowed to act as it. The default account, which counts where
 * none is named, is not asked about here.
 * Source: https://cloud.google.com/run/docs/securing/service-identity
 */
function writtenRules(one: string, account: string): Rules {
  const field = one.toLowerCase();
  const kind = `run.${field}s`;
  const asAccount: Rule = (request) => actAs(textAt(request, account));
  return {
    ...readRules(one),
    [`Create${one}`]: allOf(needs(`${kind}.create`, "parent"), asAccount),
    [`Update${one}`]: allOf(needs(`${kind}.update`, `${field}.name`), asAccount),
  };
}
