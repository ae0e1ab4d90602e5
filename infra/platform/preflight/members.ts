import { statusOf } from "../../../shared/adapters/google-errors.ts";
import type { Obstacle } from "../engine/plan.ts";
import { groupsIn } from "../groups.ts";
import type { Google, Request } from "../kinds/google.ts";
import type { Platform } from "../settings.ts";
import { accountAdvice } from "./account-advice.ts";

/** An account that was made in a project, whose address names it; one of a domain has its domain behind it. */
const ACCOUNT =
  /^serviceAccount:(?<email>[^@]+@(?<id>[^.]+)(?:\.(?<domain>[a-z0-9.-]+))?\.iam\.gserviceaccount\.com)$/;

/** What nobody is, and what nobody could say. */
type Members = { readonly obstacles: readonly Obstacle[]; readonly warnings: readonly Obstacle[] };

/** Groups and accounts that the settings name and that are nobody: Google refuses a policy that names one. */
export async function lookAtMembers(
  google: Google,
  { people, callers, mentioned }: Platform,
): Promise<Members> {
  const { viewers, deployers, approvers, oncall, owners } = people;
  const named = [...viewers, ...deployers, ...approvers, ...oncall, ...owners, ...callers];
  const groups = [...new Set([...groupsIn(named), ...mentioned.groups])];
  const [byGroup, byAccount] = await Promise.all([
    Promise.all(groups.map(async (email) => [email, await lookAtGroup(google, email)] as const)),
    Promise.all([...new Set(named)].map(async (one) => missingAccount(google, one))),
  ]);
  const those = (look: Look): readonly string[] =>
    byGroup.filter(([, found]) => found === look).map(([email]) => email);
  return {
    obstacles: [...those("missing").map(missingGroup), ...byAccount.flat()],
    warnings: those("unseen").map(unseenGroup),
  };
}

type Look = "there" | "missing" | "unseen";

/**
 * Google mostly answers the same to whoever may not see a group and to whoever asks for one that is not there, so who
 * may not look is not stopped for it.
 * Source: https://cloud.google.com/identity/docs/reference/rest/v1/groups/lookup
 */
async function lookAtGroup(google: Google, email: string): Promise<Look> {
  const query = { "groupKey.id": email };
  return lookUp(google, "identity", { method: "GET", path: "v1/groups:lookup", query });
}

function missingGroup(email: string): Obstacle {
  return {
    what: `there is no group ${email}`,
    mend: "correct its address in the installation's file or the service's specification, or make it in the Admin console",
  };
}

function unseenGroup(email: string): Obstacle {
  return {
    what: `group ${email} is not there, or you may not see it: if it is not there, Google refuses every policy that names it`,
    mend: `ask somebody who may see it: gcloud identity groups describe ${email}`,
  };
}

/** An account of a project in which the caller may not look is believed to be there. */
async function missingAccount(google: Google, principal: string): Promise<readonly Obstacle[]> {
  const { email = "", id = "", domain } = ACCOUNT.exec(principal.replace(/^.*=/, ""))?.groups ?? {};
  if (email === "") {
    return [];
  }
  const project = domain === undefined ? id : `${domain}:${id}`;
  const path = `v1/projects/${project}/serviceAccounts/${email}`;
  return (await lookUp(google, "iam", { method: "GET", path })) === "missing"
    ? [
        {
          what: `there is no account ${email} in project ${project}`,
          mend: accountAdvice(email, project),
        },
      ]
    : [];
}

async function lookUp(google: Google, api: "iam" | "identity", request: Request): Promise<Look> {
  try {
    await google.call(api, request);
    return "there";
  } catch (error) {
    return statusOf(error) === "NOT_FOUND" ? "missing" : "unseen";
  }
}
