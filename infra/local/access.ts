import type { Access, AccessQuestion } from "../../emulators/kit/access.ts";
import { LOCAL_LOCATION, LOCAL_ORGANIZATION, LOCAL_PROJECT } from "./settings.ts";

const API = `projects/${LOCAL_PROJECT}/locations/${LOCAL_LOCATION}/services/api`;

/**
 * Who may invoke what, as the policies of a cloud say. Beside those, everybody of the organization and every service account
 * may call the API, which asks for more itself: whoever tries a service of their own need not install its CI first.
 */
export function edgeAccess(access: Access): Access {
  return { allows: (question) => access.allows(question) || mayAskApi(question) };
}

/** Whether it is a call of the API by somebody who is known. */
export function mayAskApi({ member, permission, resource }: AccessQuestion): boolean {
  return (
    permission === "run.routes.invoke" &&
    resource === API &&
    member !== null &&
    (member.startsWith("serviceAccount:") || member.endsWith(`@${LOCAL_ORGANIZATION}`))
  );
}
