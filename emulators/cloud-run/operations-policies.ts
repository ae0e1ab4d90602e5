import { googleError } from "../kit/google-error.ts";
import { etagFor } from "./identity.ts";
import { idOf } from "./names.ts";
import type { CloudRun, Policy } from "./state.ts";

/**
 * GetIamPolicy of a service or a job; empty until one is set.
 * @throws GoogleError NOT_FOUND
 */
export function getIamPolicy(run: CloudRun, request: { readonly resource?: string }): Policy {
  const resource = checkResource(run, request.resource);
  return run.state.policies.get(resource) ?? { version: 1, etag: policyEtag(resource, {}) };
}

/**
 * SetIamPolicy of a service or a job: replaces the whole policy.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services/setIamPolicy
 * @throws GoogleError NOT_FOUND, ABORTED for an etag that is out of date
 */
export function setIamPolicy(
  run: CloudRun,
  request: { readonly resource?: string; readonly policy?: Policy },
): Policy {
  const current = getIamPolicy(run, request);
  const { etag, ...policy } = request.policy ?? {};
  if ((etag ?? "") !== "" && etag !== current.etag) {
    throw googleError(
      "ABORTED",
      "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff.",
    );
  }
  const resource = request.resource ?? "";
  const next = { version: 1, ...policy, etag: policyEtag(resource, policy) };
  run.state.policies.set(resource, next);
  return next;
}

/**
 * TestIamPermissions: the caller has every permission that it asks about.
 * @throws GoogleError NOT_FOUND
 */
export function testIamPermissions(
  run: CloudRun,
  request: { readonly resource?: string; readonly permissions?: readonly string[] },
): { readonly permissions: readonly string[] } {
  checkResource(run, request.resource);
  return { permissions: request.permissions ?? [] };
}

function checkResource(run: CloudRun, resource = ""): string {
  if (!run.state.services.has(resource) && !run.state.jobs.has(resource)) {
    throw googleError("NOT_FOUND", `Resource '${idOf(resource)}' does not exist.`);
  }
  return resource;
}

function policyEtag(resource: string, policy: Policy): string {
  const text = etagFor(resource, JSON.stringify(policy));
  return Buffer.from(text).toString("base64");
}
