import type { protos } from "@google-cloud/run";
import { ONE_CALL } from "../../shared/adapters/grpc-endpoint.ts";
import { statusOf } from "../../shared/adapters/google-errors.ts";
import { callOutside } from "../../shared/adapters/outside-call.ts";
import { isInvokerChecked } from "../render/invoker-check.ts";
import type { Place } from "../render/place.ts";
import { accountAddress } from "./account-address.ts";
import type { Cloud } from "./cloud.ts";
import { lookUp } from "./deploy-operation.ts";
import { unchanged } from "./step.ts";
import type { PlannedStep } from "./step.ts";

type Policy = protos.google.iam.v1.IPolicy;

const ROLE = "roles/run.invoker";

/** The account as which Slipway asks services how they are. */
export function defaultProbeAccount(project: string): string {
  return accountAddress(project, "slipway-run");
}

/** Who has to be let into services. */
export type Callers = {
  /** The organization's domain, or null when the installation does not say. */
  readonly organization: string | null;
  /** The address of the account that asks services how they are. */
  readonly probeAccount: string;
};

/**
 * The step that lets callers into a service that looks who calls: everybody of the organization for
 * `authentication.sourcegraph`, and Slipway's own account where `verify` asks the service how it is. A service gets
 * its policy once it is there: the first release makes it. Null when nobody has to be let in.
 * Source: https://cloud.google.com/run/docs/securing/managing-access
 * @throws TransientError or PermanentError
 */
export async function planInvokers(
  cloud: Cloud,
  place: Place,
  callers: Callers,
): Promise<PlannedStep | null> {
  const { project, region, runService } = place.environment;
  const resource = `projects/${project}/locations/${region}/services/${runService}`;
  const { members, notes } = wantedOf(place, callers);
  if (members.length === 0) {
    return notes.length === 0 ? null : unchanged("invokers", resource, notes);
  }
  const policy = await readPolicy(cloud, resource);
  if (policy === null || policy === "forbidden") {
    const note = policy === null ? laterNote(members) : byHandNote(members, place);
    return unchanged("invokers", resource, [...notes, note]);
  }
  const missing = members.filter((member) => !isInvoker(policy, member));
  if (missing.length === 0) {
    return unchanged("invokers", resource, notes);
  }
  const bindings = [...(policy.bindings ?? []), { role: ROLE, members: missing }];
  const changes = missing.map((member) => ({ field: ROLE, from: "", to: member }));
  const perform = (): Promise<void> => set(cloud, resource, { ...policy, bindings });
  return { kind: "invokers", name: resource, action: "update", changes, notes, perform };
}

function isInvoker({ bindings }: Policy, member: string): boolean {
  return (bindings ?? []).some(
    ({ role, members }) => role === ROLE && members?.includes(member) === true,
  );
}

type Wanted = { readonly members: readonly string[]; readonly notes: readonly string[] };

/** Who has to be let in, as members of a policy. */
function wantedOf(place: Place, { organization, probeAccount }: Callers): Wanted {
  if (place.service.kind === "job") {
    return { members: [], notes: [] };
  }
  const asksForPeople = place.written.authentication?.sourcegraph === true;
  const people = asksForPeople && organization !== null ? [`domain:${organization}`] : [];
  const isProbed = place.environment.policy.verify !== null && isInvokerChecked(place);
  return {
    members: [...people, ...(isProbed ? [`serviceAccount:${probeAccount}`] : [])],
    notes: asksForPeople && organization === null ? [NO_ORGANIZATION] : [],
  };
}

const NO_ORGANIZATION =
  "authentication.sourcegraph has no effect: name the organization's domain with --organization";

function laterNote(members: readonly string[]): string {
  return `the first release makes the service; apply again after it, and ${members.join(" and ")} may call it`;
}

function byHandNote(members: readonly string[], { environment }: Place): string {
  const { project, region, runService } = environment;
  const commands = members.map(
    (member) =>
      `gcloud run services add-iam-policy-binding ${runService} --project=${project} --region=${region} --member=${member} --role=${ROLE}`,
  );
  return `you may not see who may call the service; somebody who may has to run: ${commands.join("; ")}`;
}

/** Who may call the service; null when it is not there yet. */
async function readPolicy(cloud: Cloud, resource: string): Promise<Policy | "forbidden" | null> {
  try {
    return await lookUp(resource, async () => {
      const { services } = await cloud.run();
      // Of a service that is not there the API may tell an empty policy.
      await services.getService({ name: resource }, ONE_CALL);
      const [found] = await services.getIamPolicy({ resource }, ONE_CALL);
      return found;
    });
  } catch (error) {
    if (statusOf(error) === "PERMISSION_DENIED") {
      return "forbidden";
    }
    throw error;
  }
}

/** The policy carries the etag that it was read with: what came in the meantime is never written over. */
async function set(cloud: Cloud, resource: string, policy: Policy): Promise<void> {
  const { services } = await cloud.run();
  await callOutside(resource, () => services.setIamPolicy({ resource, policy }, ONE_CALL));
}
