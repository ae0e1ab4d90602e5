import { policyApi, policyMethods } from "../kit/access/policy-methods.ts";
import { type Message, methodsOn } from "../kit/call.ts";
import type { Api, Unary } from "../kit/server.ts";
import { cancelExecution, runJob } from "./executions.ts";
import { type Kind, kindsOf, type WrittenKind } from "./kinds.ts";
import { PROTOS } from "./messages.ts";
import { locatePolicy } from "./policies.ts";
import { create, find, list, type Named, remove, update } from "./resources.ts";
import type { CloudRun } from "./state.ts";

type Methods = Readonly<Record<string, Unary>>;

/** Services of the API whose every method answers UNIMPLEMENTED by name. */
const NOT_EMULATED = ["v2.Builds", "v2.Instances", "v2.Tasks", "v2.WorkerPools"];

/** The services of version 2 of the API, each method an operation on the state. In version 1 there are the policies, too. */
export function createApis(run: CloudRun): readonly Api[] {
  const { services, revisions, jobs, executions } = kindsOf(run);
  const policies = policyMethods(run.keeper, (resource) => locatePolicy(run, resource));
  return [
    api("v2.Services", { ...written(services), ...policies }),
    api("v2.Revisions", read(revisions)),
    api("v2.Jobs", { ...written(jobs), ...policies, ...methodsOn(run, { RunJob: runJob }) }),
    api("v2.Executions", {
      ...read(executions),
      ...methodsOn(run, { CancelExecution: cancelExecution }),
    }),
    policyApi(
      policies,
      [services, jobs].map(({ pattern }) => `/v1/{resource=${pattern}}`),
    ),
    ...NOT_EMULATED.map((service) => api(service, {})),
  ];
}

function read<Item extends { readonly name: string }>(kind: Kind<Item>): Methods {
  const { type } = kind;
  return methodsOn(kind, {
    [`Get${type}`]: (_, { name = "" }: Named, now) => kind.view(find(kind, name), now),
    [`List${type}s`]: list,
    [`Delete${type}`]: remove,
  });
}

function written<Item extends { readonly name: string; readonly spec: Message }>(
  kind: WrittenKind<Item>,
): Methods {
  const { type } = kind;
  const own = methodsOn(kind, { [`Create${type}`]: create, [`Update${type}`]: update });
  return { ...read(kind), ...own };
}

function api(service: string, unary: Methods): Api {
  return { protos: PROTOS, service: `google.cloud.run.${service}`, unary };
}
