import { keyOf } from "../resource.ts";
import type { Resource } from "../resource.ts";
import { incidentProjects } from "../settings.ts";
import type { Platform } from "../settings.ts";
import { agentMember, agentName } from "./agents.ts";
import type { Agent } from "./agents.ts";
import { deliveryGrants } from "./delivery-grants.ts";
import { WEB_FUNCTION } from "./functions.ts";
import type { Grant } from "./grant.ts";
import { ACCOUNT_IDS, accountMember, needsAccount, needsApis, needsMark } from "./names.ts";
import { ownGrants } from "./own-grants.ts";

/**
 * The service agents that are given something: Google makes each only when it is asked for.
 * Source: https://cloud.google.com/iam/docs/create-service-agents
 */
export function serviceAgents(platform: Platform): readonly Resource[] {
  return [
    agent(platform, platform.project, "pubsub"),
    agent(platform, platform.project, "iap"),
    ...incidentProjects(platform).map((project) => agent(platform, project, "monitoring")),
    ...(platform.registries.length === 0 ? [] : platform.environments).map(({ project }) =>
      agent(platform, project, "run"),
    ),
  ];
}

function agent(platform: Platform, project: string, api: Agent): Resource {
  const member = agentMember(platform, project, api);
  const grant = grantsOf(platform, [WEB_FUNCTION]).find(({ members }) => members.includes(member));
  return {
    kind: "service agent",
    name: agentName(project, api),
    project,
    needs: [needsApis(project), needsMark(platform)],
    fields: {
      email: member.slice("serviceAccount:".length),
      // There is no call that tells whether it is there. A policy that names it does.
      namedBy: { on: grant?.on ?? `projects/${project}`, role: grant?.role ?? "" },
    },
    why: `${api} works through it, and it is given a role below.`,
  };
}

/** The grants, one resource for each thing that has a policy. */
export function grants(platform: Platform, functions: readonly string[]): readonly Resource[] {
  const byThing = Map.groupBy(grantsOf(platform, functions), ({ on }) => on);
  return [...byThing].map(([on, found]): Resource => {
    const byRole = Map.groupBy(found, ({ role }) => role);
    const bindings = [...byRole].map(([role, same]): readonly [string, readonly string[]] => [
      role,
      [...new Set(same.flatMap(({ members }) => members))].toSorted(),
    ]);
    const project = found[0]?.project ?? platform.project;
    const needs = found.flatMap((grant) => [...grant.needs, ...memberNeeds(platform, grant)]);
    return {
      kind: "grants",
      name: on,
      project,
      needs: [...new Set([needsApis(project), needsMark(platform), ...needs])],
      fields: { bindings: Object.fromEntries<readonly string[]>(bindings) },
      why: [...new Set(found.map(({ why }) => why))].join(" "),
    };
  });
}

/** Members must be there before a policy may name them. */
function memberNeeds(platform: Platform, { members, role }: Grant): readonly string[] {
  const own = ACCOUNT_IDS.filter((id) => members.includes(accountMember(platform, id)));
  const agents = (["pubsub", "iap", "monitoring", "run"] as const).flatMap((api) =>
    [platform.project, ...incidentProjects(platform)]
      .filter((project) => members.includes(agentMember(platform, project, api)))
      .map((project) => keyOf({ kind: "service agent", name: agentName(project, api) })),
  );
  return [
    ...own.map((id) => needsAccount(platform, id)),
    ...agents,
    ...(role.startsWith("projects/") ? [keyOf({ kind: "role", name: role })] : []),
  ];
}

/** Every grant of the installation, one by one. */
export function grantsOf(platform: Platform, functions: readonly string[]): readonly Grant[] {
  return [...ownGrants(platform, functions), ...deliveryGrants(platform)];
}
