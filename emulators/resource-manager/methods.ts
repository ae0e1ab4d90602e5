import { z } from "zod";
import { permissionDenied } from "../kit/access/guard.ts";
import { policyApi, type PolicyKeeper, policyMethods } from "../kit/access/policy-methods.ts";
import { anybodyKnown, needs, type Rule } from "../kit/access/rules.ts";
import type { Api } from "../kit/call.ts";
import { googleError } from "../kit/google-error.ts";
import { paginate } from "../kit/page.ts";
import type { KnownProject, Projects } from "../kit/projects.ts";
import { type RestCall, type RestMethod, type Taking, taking } from "../kit/rest-table.ts";

/** The API's own name. */
export const SERVICE = "cloudresourcemanager.googleapis.com";

/** The projects with their policies. */
export type ResourceManager = { readonly projects: Projects; readonly keeper: PolicyKeeper };

const PROJECTS = "google.cloud.resourcemanager.v3.Projects";
const GET = "resourcemanager.projects.get";
const PAGE_LIMITS = { defaultSize: 100, maxSize: 500 };

/** Projects say when they were made; nothing depends on it. */
const CREATED = "2026-01-01T00:00:00Z";

const ByName = z.strictObject({ name: z.string() });

const ListRequest = z.strictObject({
  query: z.string().default(""),
  filter: z.string().default(""),
  pageSize: z.int().optional(),
  pageToken: z.string().optional(),
});

/**
 * Version 3, and of version 1 what gcloud asks.
 * Source: https://cloud.google.com/resource-manager/reference/rest/v3/projects and .../v1/projects
 */
export function toMethods(manager: ResourceManager): readonly RestMethod[] {
  const onProject = needs(GET, "name");
  const rows: readonly Row[] = [
    [
      "GetProject",
      ["GET", "/v3/{name=projects/*}"],
      onProject,
      taking(ByName, ({ name }) => toV3(requireProject(manager, name))),
    ],
    [
      "GetProject",
      ["GET", "/v1/{name=projects/*}"],
      onProject,
      taking(ByName, ({ name }) => toV1(requireProject(manager, name))),
    ],
    [
      "GetAncestry",
      ["POST", "/v1/{name=projects/*}:getAncestry"],
      onProject,
      taking(ByName, ({ name }) => {
        const { projectId } = requireProject(manager, name);
        return { ancestor: [{ resourceId: { type: "project", id: projectId } }] };
      }),
    ],
    [
      "SearchProjects",
      ["GET", "/v3/projects:search"],
      anybodyKnown,
      taking(ListRequest, (request, call) => search(manager, request, { call, toResource: toV3 })),
    ],
    [
      "SearchProjects",
      ["GET", "/v1/projects"],
      anybodyKnown,
      taking(ListRequest, (request, call) => search(manager, request, { call, toResource: toV1 })),
    ],
  ];
  return rows.map(toMethod);
}

/** The policies of projects. */
export function policiesOf(manager: ResourceManager): Api {
  const methods = policyMethods(
    manager.keeper,
    (name) => `projects/${requireProject(manager, name).projectId}`,
  );
  return policyApi(methods, ["/v3/{resource=projects/*}", "/v1/{resource=projects/*}"], "POST");
}

type Row = readonly [name: string, at: RestMethod["at"], needs: Rule, taking: Taking];

function toMethod([name, at, rule, taken]: Row): RestMethod {
  return { name: `${PROJECTS}/${name}`, at, needs: rule, takes: taken };
}

/** A project that is not there is refused as one that may not be seen. */
function requireProject({ projects }: ResourceManager, name: string): KnownProject {
  const project = projects.find(name);
  if (project === null) {
    const resource = name.startsWith("projects/") ? name : `projects/${name}`;
    throw permissionDenied({ permission: GET, resource }, SERVICE);
  }
  return project;
}

/** Those that the caller may see. A query is `id:ID`, `projectId:ID`, `name:NAME` or a bare text, each with `*` at its end. */
function search(
  { projects, keeper: { access } }: ResourceManager,
  request: z.infer<typeof ListRequest>,
  {
    call,
    toResource,
  }: { readonly call: RestCall; readonly toResource: (project: KnownProject) => unknown },
): unknown {
  const { query, filter, ...page } = request;
  const isWanted = toFilter(query === "" ? filter : query);
  const seen = projects
    .all()
    .filter(isWanted)
    .filter(({ projectId }) => {
      const question = { member: call.member, permission: GET, resource: `projects/${projectId}` };
      return access === undefined || access.grants(question);
    });
  const { items, nextPageToken } = paginate(seen, page, PAGE_LIMITS);
  return { projects: items.map(toResource), ...(nextPageToken !== "" && { nextPageToken }) };
}

function toFilter(query: string): (project: KnownProject) => boolean {
  const text = query
    .replaceAll(/\s*lifecycleState[:=]ACTIVE\s*|\s*state[:=]ACTIVE\s*|\bAND\b/g, " ")
    .trim();
  if (text === "") {
    return () => true;
  }
  const [, field = "id", wanted = ""] =
    /^(?:(id|projectId|name|displayName)[:=])?"?([^\s":]+)"?$/.exec(text) ?? [];
  if (wanted === "") {
    throw googleError("UNIMPLEMENTED", `The emulator does not understand the query "${query}".`);
  }
  return (project) => {
    const value = /^(?:name|displayName)$/.test(field) ? project.displayName : project.projectId;
    return wanted.endsWith("*") ? value.startsWith(wanted.slice(0, -1)) : value === wanted;
  };
}

function toV3({ number, projectId, displayName }: KnownProject): unknown {
  return {
    name: `projects/${number}`,
    projectId,
    state: "ACTIVE",
    displayName,
    createTime: CREATED,
    updateTime: CREATED,
    etag: `W/"${number}"`,
  };
}

function toV1({ number, projectId, displayName }: KnownProject): unknown {
  return {
    projectNumber: number,
    projectId,
    lifecycleState: "ACTIVE",
    name: displayName,
    createTime: CREATED,
  };
}
