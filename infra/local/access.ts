import type { Access } from "../../emulators/kit/access.ts";
import {
  LOCAL_EVENTS_ACCOUNT,
  LOCAL_LOCATION,
  LOCAL_ORGANIZATION,
  LOCAL_PROJECT,
} from "./settings.ts";

/**
 * Who may invoke what in the local cloud, as the policies of an installation say: everybody of the organization and
 * every service account the API, which asks for more itself, and the account that delivers the message functions.
 */
export function localAccess(): Access {
  return {
    allows: ({ member, permission, resource }) =>
      member !== null &&
      permission === "run.routes.invoke" &&
      resource.startsWith(serviceName("")) &&
      (resource === serviceName("api") ? isKnown(member) : member === DELIVERER),
  };
}

const DELIVERER = `serviceAccount:${LOCAL_EVENTS_ACCOUNT}`;

/** The full name of the Cloud Run service that a function is. */
export function serviceName(id: string): string {
  return `projects/${LOCAL_PROJECT}/locations/${LOCAL_LOCATION}/services/${id}`;
}

function isKnown(member: string): boolean {
  return member.startsWith("serviceAccount:") || member.endsWith(`@${LOCAL_ORGANIZATION}`);
}
