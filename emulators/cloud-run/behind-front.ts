import type { EdgeService, Ingress } from "../edge/edge-service.ts";
import { predefinedRole } from "../kit/access/roles.ts";
import { serviceUri } from "./service-views.ts";
import type { CloudRun, ServiceRecord } from "./state.ts";

const INGRESSES: ReadonlyMap<string, Ingress> = new Map([
  ["INGRESS_TRAFFIC_INTERNAL_ONLY", "internal"],
  ["INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER", "internal-and-cloud-load-balancing"],
]);

/** What the front is to know of a service: where it takes requests from, and who may invoke it by its own policy. */
export function behindFront(run: CloudRun, service: ServiceRecord): EdgeService {
  const { ingress, invokerIamDisabled, customAudiences = [] } = service.spec;
  return {
    name: service.name,
    ingress: INGRESSES.get(ingress ?? "") ?? "all",
    isInvokerChecked: invokerIamDisabled !== true,
    audiences: [serviceUri(run, service.name, null), ...customAudiences],
    invokers: run.keeper.policies
      .bindings(service.name)
      .filter(({ role }) => predefinedRole(role)?.permissions.has("run.routes.invoke") === true)
      .flatMap(({ members }) => members),
  };
}
