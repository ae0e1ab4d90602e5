import { z } from "zod";
import { actAs, allOf, type Rule, textAt } from "../kit/access/rules.ts";
import type { Message } from "../kit/call.ts";
import type { Collection } from "../kit/collection.ts";
import { isBelow, wordsOf, idOf } from "../kit/collection-names.ts";
import { badRequest } from "../kit/google-error.ts";
import { isRecord } from "../kit/json.ts";
import { paginate } from "../kit/page.ts";
import { type RestMethod, taking } from "../kit/rest-table.ts";
import { overriding, refuse } from "./apis.ts";
import { cancelExecution, runJob } from "./executions.ts";
import { PAGES } from "./kinds.ts";
import { knative, KNATIVE, NONCE, written } from "./knative-fields.ts";
import { AS_SECONDS, same } from "./knative-pod.ts";
import { read, rewritten, valueAt } from "./knative-table.ts";
import { checkedMessage, FIELDS, specOf } from "./messages.ts";
import type { CloudRun } from "./state.ts";

const Text = z.string().optional();

/** What any method takes beside a body. */
const Request = z.strictObject({
  namespace: z.string(),
  location: Text,
  name: Text,
  labelSelector: Text,
  limit: z.int().optional(),
  continue: Text,
  dryRun: Text,
});

/** The same with a body. */
const Body = z.looseObject(Request.shape);

/** What deleting answers. */
const SUCCESS = { apiVersion: "v1", kind: "Status", status: "Success" };

/** A kind of resource, as far as version 1 has the same as version 2. */
type Kind<Type extends keyof typeof KNATIVE = keyof typeof KNATIVE> = {
  readonly type: Type;
  readonly pattern: string;
  readonly permission: string;
  readonly records: ReadonlyMap<string, Message>;
  readonly run: Collection<object, object>["run"];
};

/**
 * Version 1 of the API, which `gcloud run` speaks. What it does is what version 2 does: messages are translated there
 * and back.
 * Source: https://cloud.google.com/run/docs/reference/rest/v1/namespaces.services
 */
export function knativeMethods(run: CloudRun): readonly RestMethod[] {
  const services = { ...run.services.kind, ...run.services, type: "Service" } as const;
  const revisions = { ...run.revisions.kind, ...run.revisions, type: "Revision" } as const;
  const jobs = { ...run.jobs.kind, ...run.jobs, type: "Job" } as const;
  const executions = { ...run.executions.kind, ...run.executions, type: "Execution" } as const;
  const [list] = readMethods(services);
  return [
    { ...list, at: ["GET", "/v1/projects/{namespace}/locations/{location}/services"] },
    ...[services, revisions, jobs, executions].flatMap(readMethods),
    ...writeMethods(services, "spec.template.spec.serviceAccountName"),
    ...writeMethods(jobs, "spec.template.spec.template.spec.serviceAccountName"),
    method(
      jobs,
      "Run",
      (name, request, nowMs) => {
        runJob(run, { ...toRunJob(request), name }, nowMs);
        return shown(executions, run.jobs.find(name).hidden.latestExecution ?? "", nowMs);
      },
      (request) => overriding({ ...request, name: nameIn(request, jobs) }),
    ),
    method(executions, "Cancel", (name, _, nowMs) => {
      cancelExecution(run, { name }, nowMs);
      return shown(executions, name, nowMs);
    }),
  ];
}

/** The region of a host's name, such as `us-central1-run.googleapis.com`. */
export function fromHost(host: string): Message {
  return { region: /^[a-z]+-[a-z]+\d+(?=-)/.exec(host)?.[0] ?? "" };
}

/** How a method is called over HTTP, and what it needs. */
const METHODS = {
  List: ["GET", "", "list"],
  Create: ["POST", "", "create"],
  Get: ["GET", "/{name}", "get"],
  Replace: ["PUT", "/{name}", "update"],
  Delete: ["DELETE", "/{name}", "delete"],
  Run: ["POST", "/{name}:run", "run"],
  Cancel: ["POST", "/{name}:cancel", "cancel"],
} as const;

/** A method on one resource, or on a place, which `act` is told by its full name; `also` is what else it needs. */
function method(
  kind: Kind,
  verb: keyof typeof METHODS,
  ...[act, also = () => []]: readonly [
    act: (name: string, request: Message, nowMs: number) => object,
    also?: Rule,
  ]
): RestMethod {
  const { type, permission } = kind;
  const [http, suffix, right] = METHODS[verb];
  const path = `/apis/${KNATIVE[type].apiVersion}/namespaces/{namespace}/${wordsOf(kind).segment}`;
  const nameOf = (request: Message): string =>
    suffix === "" ? placeIn(request) : nameIn(request, kind);
  const schema: z.ZodObject = http === "POST" || http === "PUT" ? Body : Request;
  return {
    name: `google.cloud.run.v1.${type}s/${verb}${type}${verb === "List" ? "s" : ""}`,
    at: [http, path + suffix],
    needs: allOf(
      (request) => [{ permission: `${permission}.${right}`, resource: nameOf(request) }],
      also,
    ),
    takes: taking(schema, (request, { nowMs }) => {
      refuse(request, ["dryRun"]);
      return act(nameOf(request), request, nowMs);
    }),
  };
}

function readMethods(kind: Kind): readonly [RestMethod, ...RestMethod[]] {
  return [
    method(kind, "List", (place, request, nowMs) => listed(kind, { place, request }, nowMs)),
    method(kind, "Get", (name, _, nowMs) => shown(kind, name, nowMs)),
    method(kind, "Delete", (name, _, nowMs) => {
      kind.run.delete({ name }, nowMs);
      return SUCCESS;
    }),
  ];
}

/** Making and replacing; `account` is the field of what it runs as. */
function writeMethods(kind: Kind<"Service" | "Job">, account: string): readonly RestMethod[] {
  const asAccount: Rule = (request) => actAs(textAt(request, account));
  const { field, segment } = wordsOf(kind);
  return [
    method(
      kind,
      "Create",
      (parent, request, nowMs) => {
        const { id, spec } = written(kind.type, request);
        kind.run.create({ parent, [`${field}Id`]: id, [field]: spec }, nowMs);
        return shown(kind, `${parent}/${segment}/${id}`, nowMs);
      },
      asAccount,
    ),
    method(
      kind,
      "Replace",
      (name, request, nowMs) => {
        replace(kind, { name, request }, nowMs);
        return shown(kind, name, nowMs);
      },
      asAccount,
    ),
  ];
}

/** What was not changed stays as it is, also where version 1 has no words for it. */
function replace(
  kind: Kind<"Service" | "Job">,
  { name, request }: { readonly name: string; readonly request: Message },
  nowMs: number,
): void {
  const { type, records, run } = kind;
  const before = written(type, shown(kind, name, nowMs)).spec;
  const given = written(type, request).spec;
  const spec = rewritten(specOf(FIELDS[type], records.get(name) ?? {}), before, given);
  const newRevision = valueAt(request, `spec template metadata labels ${NONCE}`) !== undefined;
  const etag = textAt(request, "metadata.resourceVersion");
  const resource = { ...(isRecord(spec) && spec), name, etag };
  run.update({ [wordsOf(kind).field]: resource, newRevision }, nowMs);
}

function toRunJob(request: Message): Message {
  const overrides = read(
    [...same("containerOverrides", "taskCount"), ["timeout", "timeoutSeconds", AS_SECONDS]],
    request["overrides"],
  );
  return checkedMessage("RunJobRequest", { overrides });
}

function shown({ type, run }: Kind, name: string, nowMs: number): Message {
  return knative(type, { ...run.get({ name }, nowMs) });
}

/** Its namespace is a project, and the region is in the name of the host. Without one, it is every region. */
function placeIn(request: Message): string {
  const location = textAt(request, "location") || textAt(request, "region") || "-";
  return `projects/${textAt(request, "namespace")}/locations/${location}`;
}

/** The full name of what a request names. Without a region it is the one of that name, in any. */
function nameIn(request: Message, { records, pattern }: Kind): string {
  const id = textAt(request, "name");
  const inside = pattern.split("/").slice(4, -1).join("/").replaceAll("*", "-");
  const parent = `${placeIn(request)}/${inside}`;
  const found = [...records.keys()].find((name) => idOf(name) === id && isBelow(name, parent));
  return found ?? `${parent}/${id}`;
}

/**
 * One page of a list, of those items that have the label asked for, newest first.
 * @throws GoogleError INVALID_ARGUMENT for another selector than `label = value`
 */
function listed(
  kind: Kind,
  { place, request }: { readonly place: string; readonly request: Message },
  nowMs: number,
): object {
  const [label = "", value] = selectorOf(textAt(request, "labelSelector")) ?? [];
  const found = [...kind.records.keys()]
    .filter((name) => isBelow(name, place))
    .map((name) => shown(kind, name, nowMs))
    .filter((item) => label === "" || valueAt(item, `metadata labels ${label}`) === value);
  const asked = { pageSize: Number(request["limit"] ?? 0), pageToken: textAt(request, "continue") };
  const { items, nextPageToken } = paginate(found.toReversed(), asked, PAGES);
  const metadata = nextPageToken === "" ? {} : { continue: nextPageToken };
  const { apiVersion } = KNATIVE[kind.type];
  return { apiVersion, kind: `${kind.type}List`, metadata, items };
}

function selectorOf(text: string): readonly [label: string, value: string] | null {
  const [, label, value = ""] = /^\s*([^=!\s]+)\s*==?\s*(\S*)\s*$/.exec(text) ?? [];
  if (label === undefined && text !== "") {
    throw badRequest("labelSelector", `A label selector must be label=value, not "${text}"`);
  }
  return label === undefined ? null : [label, value];
}
