import type { protos } from "@google-cloud/run";
import { ONE_CALL } from "../../shared/adapters/grpc-endpoint.ts";
import { callOutside } from "../../shared/adapters/outside-call.ts";
import type { Place } from "../render/place.ts";
import type { Cloud } from "./cloud.ts";
import { lookUp } from "./deploy-operation.ts";
import { unchanged } from "./step.ts";
import type { PlannedStep } from "./step.ts";

type Policy = protos.google.iam.v1.IPolicy;

const ROLE = "roles/run.invoker";

/**
 * The step for `authentication.sourcegraph`: everybody of the organization may call the service. `domain` is the
 * organization's, or null when the installation does not say. A service gets its policy once it is there: the first
 * release makes it. Null when the specification does not ask for it.
 * Source: https://cloud.google.com/run/docs/securing/managing-access
 * @throws TransientError or PermanentError
 */
export async function planInvoker(
  cloud: Cloud,
  place: Place,
  domain: string | null,
): Promise<PlannedStep | null> {
  const { project, region, runService } = place.environment;
  const resource = `projects/${project}/locations/${region}/services/${runService}`;
  if (place.written.authentication?.sourcegraph !== true || place.service.kind === "job") {
    return null;
  }
  if (domain === null) {
    const note =
      "authentication.sourcegraph has no effect: name the organization's domain with --organization";
    return unchanged("invokers", resource, [note]);
  }
  const member = `domain:${domain}`;
  const policy = await lookUp(resource, async () => {
    const { services } = await cloud.run();
    // Of a service that is not there the API may tell an empty policy.
    await services.getService({ name: resource }, ONE_CALL);
    const [found] = await services.getIamPolicy({ resource }, ONE_CALL);
    return found;
  });
  if (policy === null) {
    const note = `the first release makes the service; apply again after it, and ${member} may call it`;
    return unchanged("invokers", resource, [note]);
  }
  const bindings = policy.bindings ?? [];
  if (bindings.some(({ role, members }) => role === ROLE && members?.includes(member) === true)) {
    return unchanged("invokers", resource);
  }
  const wanted = { ...policy, bindings: [...bindings, { role: ROLE, members: [member] }] };
  const changes = [{ field: ROLE, from: "", to: member }];
  const perform = (): Promise<void> => set(cloud, resource, wanted);
  return { kind: "invokers", name: resource, action: "update", changes, notes: [], perform };
}

/** The policy carries the etag that it was read with: what came in the meantime is never written over. */
async function set(cloud: Cloud, resource: string, policy: Policy): Promise<void> {
  const { services } = await cloud.run();
  await callOutside(resource, () => services.setIamPolicy({ resource, policy }, ONE_CALL));
}
