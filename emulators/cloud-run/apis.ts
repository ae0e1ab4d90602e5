import { type Locate, policyApi, policyMethods } from "../kit/access/policy-methods.ts";
import {
  actAs,
  allOf,
  needs,
  policyRules,
  type Rule,
  type Rules,
  textAt,
} from "../kit/access/rules.ts";
import { type Message, methodsOn, type Unary } from "../kit/call.ts";
import { rulesOf, unaryOf } from "../kit/collection-methods.ts";
import { googleError } from "../kit/google-error.ts";
import { isRecord } from "../kit/json.ts";
import type { Api } from "../kit/server.ts";
import { cancelExecution, runJob } from "./executions.ts";
import { PROTOS } from "./messages.ts";
import { REFUSALS } from "./names.ts";
import type { CloudRun } from "./state.ts";

/** Services of the API whose every method answers UNIMPLEMENTED by name. */
const NOT_EMULATED = ["Builds", "Instances", "Tasks", "WorkerPools"];

/** The services of version 2 of the API, each method an operation on the state. In version 1 there are the policies, too. */
export function createApis(run: CloudRun): readonly Api[] {
  const { services, revisions, jobs, executions } = run;
  const policies = policyMethods(run.keeper, locatePolicy(run));
  return [
    api("Services", { ...unaryOf([services]), ...policies }),
    api("Revisions", unaryOf([revisions])),
    api("Jobs", { ...unaryOf([jobs]), ...policies, ...methodsOn(run, { RunJob: runJob }) }),
    api("Executions", {
      ...unaryOf([executions]),
      ...methodsOn(run, { CancelExecution: cancelExecution }),
    }),
    policyApi(
      policies,
      [services, jobs].map(({ kind: { pattern } }) => `/v1/{resource=${pattern}}`),
    ),
    ...NOT_EMULATED.map((service) => api(service, {})),
  ];
}

function api(service: string, unary: Readonly<Record<string, Unary>>): Api {
  const methods = Object.entries(unary).map(([name, method]): [string, Unary] => [
    name,
    (request, call) => {
      refuse(request, REFUSED[name] ?? ["validateOnly"]);
      return method(request, call);
    },
  ]);
  return {
    protos: PROTOS,
    service: `google.cloud.run.v2.${service}`,
    unary: Object.fromEntries(methods),
  };
}

/** The fields of requests that nothing looks at, where they are others than `validateOnly`. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  RunJob: ["validateOnly", "etag"],
  CancelExecution: ["validateOnly", "etag"],
};

/** @throws GoogleError UNIMPLEMENTED for a field of a request that is not emulated */
export function refuse(request: Message, fields: readonly string[]): void {
  const field = fields.find((name) => request[name] !== undefined && request[name] !== false);
  if (field !== undefined) {
    throw googleError("UNIMPLEMENTED", `The emulator does not implement ${field}.`);
  }
}

/**
 * Finds a service or job that has a policy.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services/setIamPolicy
 */
function locatePolicy({ services, jobs, isFunction }: CloudRun): Locate {
  return (resource) => {
    if (!services.records.has(resource) && !jobs.records.has(resource) && !isFunction(resource)) {
      throw REFUSALS.notFound(resource);
    }
    return resource;
  };
}

/** A run whose arguments or variables are others than the job's needs a permission of its own. */
export const overriding: Rule = (request) =>
  isRecord(request["overrides"])
    ? [{ permission: "run.jobs.runWithOverrides", resource: textAt(request, "name") }]
    : [];

/** The permission of each method. Source: https://cloud.google.com/run/docs/reference/iam/permissions */
export function createRules(run: CloudRun): Rules {
  const rules = rulesOf([run.services, run.revisions, run.jobs, run.executions]);
  return {
    ...policyRules((name) => (name.includes("/jobs/") ? "run.jobs" : "run.services")),
    ...rules,
    ...ownerRules(rules, "Service", "service.template.serviceAccount"),
    ...ownerRules(rules, "Job", "job.template.template.serviceAccount"),
    RunJob: allOf(needs("run.jobs.run", "name"), overriding),
    CancelExecution: needs("run.executions.cancel", "name"),
    GetOperation: needs("run.operations.get", "name"),
  };
}

/**
 * Whoever makes or changes what runs as an account must be allowed to act as it. The default account, which counts where
 * none is named, is not asked about here.
 * Source: https://cloud.google.com/run/docs/securing/service-identity
 */
function ownerRules(rules: Rules, one: string, account: string): Rules {
  const asAccount: Rule = (request) => actAs(textAt(request, account));
  const written = [`Create${one}`, `Update${one}`].map((method): [string, Rule] => [
    method,
    allOf(rules[method] ?? asAccount, asAccount),
  ]);
  return Object.fromEntries(written);
}
