import { z } from "zod";
import { actAs, allOf, type Rule, textAt } from "../kit/access/rules.ts";
import type { Message } from "../kit/call.ts";
import { badRequest } from "../kit/google-error.ts";
import { isRecord } from "../kit/json.ts";
import { paginate } from "../kit/page.ts";
import { type RestMethod, taking } from "../kit/rest-table.ts";
import { isBelow, wordsOf } from "../kit/collection-names.ts";
import { running } from "./access-rules.ts";
import { cancelExecution, runJob } from "./executions.ts";
import { type Kind, kindsOf, type WrittenKind } from "./kinds.ts";
import { knative, KNATIVE, written } from "./knative-fields.ts";
import { AS_SECONDS, same } from "./knative-pod.ts";
import { read, rewritten, valueAt } from "./knative-table.ts";
import { checkedMessage } from "./messages.ts";
import { NONCE } from "./metadata-rules.ts";
import { ANY, idOf } from "./names.ts";
import { checkEtag, checkNew, find, PAGE_LIMITS, remove } from "./resources.ts";
import type { CloudRun } from "./state.ts";

type Named = { readonly name: string };

const Text = z.string().optional();

/** What any method takes beside a body. */
const Request = z.strictObject({
  namespace: z.string(),
  location: Text,
  name: Text,
  labelSelector: Text,
  fieldSelector: Text,
  limit: z.int().optional(),
  continue: Text,
  dryRun: Text,
  propagationPolicy: Text,
  apiVersion: Text,
  kind: Text,
});

/** The same with a body. */
const Body = z.looseObject(Request.shape);

/** What deleting answers. */
const SUCCESS = { apiVersion: "v1", kind: "Status", status: "Success" };

/** What runs as an account names it there. */
const ACCOUNTS = {
  Service: "spec.template.spec.serviceAccountName",
  Job: "spec.template.spec.template.spec.serviceAccountName",
} as const;

/**
 * Version 1 of the API, which `gcloud run` speaks. What it does is what version 2 does: messages are translated there
 * and back.
 * Source: https://cloud.google.com/run/docs/reference/rest/v1/namespaces.services
 */
export function knativeMethods(run: CloudRun): readonly RestMethod[] {
  const { services, revisions, jobs, executions } = kindsOf(run);
  const [list] = readMethods(services);
  return [
    { ...list, at: ["GET", "/v1/projects/{namespace}/locations/{location}/services"] },
    ...readMethods(services),
    ...readMethods(revisions),
    ...readMethods(jobs),
    ...readMethods(executions),
    ...writeMethods(services),
    ...writeMethods(jobs),
    ...executionMethods(run),
  ];
}

/** The region of a host's name, such as `us-central1-run.googleapis.com`. */
export function fromHost(host: string): Message {
  return { region: /^[a-z]+-[a-z]+\d+(?=-)/.exec(host)?.[0] ?? "" };
}

function pathOf(kind: Pick<Kind<Named>, "type" | "pattern">): string {
  const { segment } = wordsOf(kind);
  return `/apis/${KNATIVE[kind.type].apiVersion}/namespaces/{namespace}/${segment}`;
}

function nameOfMethod(verb: string, { type }: Pick<Kind<Named>, "type">, many = ""): string {
  return `google.cloud.run.v1.${type}s/${verb}${type}${many}`;
}

function readMethods<Item extends Named>(
  kind: Kind<Item>,
): readonly [RestMethod, RestMethod, RestMethod] {
  const path = pathOf(kind);
  return [
    {
      name: nameOfMethod("List", kind, "s"),
      at: ["GET", path],
      needs: needed("list", kind, placeIn),
      takes: taking(Request, (request, { nowMs }) => listed(kind, request, nowMs)),
    },
    {
      name: nameOfMethod("Get", kind),
      at: ["GET", `${path}/{name}`],
      needs: needed("get", kind),
      takes: taking(Request, (request, { nowMs }) => shownNow(kind, nameIn(request, kind), nowMs)),
    },
    {
      name: nameOfMethod("Delete", kind),
      at: ["DELETE", `${path}/{name}`],
      needs: needed("delete", kind),
      takes: taking(Request, (request, { nowMs }) => {
        const name = nameIn(request, kind);
        remove(kind, { name, validateOnly: isDryRun(request) }, nowMs);
        return SUCCESS;
      }),
    },
  ];
}

function writeMethods<Item extends Named & { readonly spec: Message }>(
  kind: WrittenKind<Item>,
): readonly RestMethod[] {
  const path = pathOf(kind);
  const asAccount: Rule = (request) => actAs(textAt(request, ACCOUNTS[kind.type]));
  return [
    {
      name: nameOfMethod("Create", kind),
      at: ["POST", path],
      needs: allOf(needed("create", kind, placeIn), asAccount),
      takes: taking(Body, (request, { nowMs }) => {
        const { id, spec } = written(kind.type, request);
        const name = checkNew(kind, `${placeIn(request)}/${wordsOf(kind).segment}/${id}`);
        kind.write({ name, spec, validateOnly: isDryRun(request) }, nowMs);
        return isDryRun(request) ? request : shownNow(kind, name, nowMs);
      }),
    },
    {
      name: nameOfMethod("Replace", kind),
      at: ["PUT", `${path}/{name}`],
      needs: allOf(needed("update", kind), asAccount),
      takes: taking(Body, (request, { nowMs }) => {
        replace(kind, request, nowMs);
        return shownNow(kind, nameIn(request, kind), nowMs);
      }),
    },
  ];
}

/** What was not changed stays as it is, also where version 1 has no words for it. */
function replace<Item extends Named & { readonly spec: Message }>(
  kind: WrittenKind<Item>,
  request: Message,
  nowMs: number,
): void {
  const name = nameIn(request, kind);
  const current = find(kind, name);
  const view = kind.view(current, nowMs);
  checkEtag(view, textAt(request, "metadata.resourceVersion"));
  const before = written(kind.type, knative(kind.type, view)).spec;
  const given = written(kind.type, request).spec;
  const spec = rewritten(current.spec, before, given);
  const newRevision = valueAt(request, `spec template metadata labels ${NONCE}`) !== undefined;
  kind.write(
    { name, spec: isRecord(spec) ? spec : {}, validateOnly: isDryRun(request), newRevision },
    nowMs,
  );
}

function executionMethods(run: CloudRun): readonly RestMethod[] {
  const { jobs, executions } = kindsOf(run);
  return [
    {
      name: "google.cloud.run.v1.Jobs/RunJob",
      at: ["POST", `${pathOf(jobs)}/{name}:run`],
      needs: (request) => running({ ...request, name: nameIn(request, jobs) }),
      takes: taking(Body, (request, { nowMs }) => {
        const name = nameIn(request, jobs);
        runJob(run, { ...toRunJob(request), name }, nowMs);
        return shownNow(executions, find(jobs, name).latestExecution ?? "", nowMs);
      }),
    },
    {
      name: "google.cloud.run.v1.Executions/CancelExecution",
      at: ["POST", `${pathOf(executions)}/{name}:cancel`],
      needs: needed("cancel", executions),
      takes: taking(Body, (request, { nowMs }) => {
        const name = nameIn(request, executions);
        cancelExecution(run, { name }, nowMs);
        return shownNow(executions, name, nowMs);
      }),
    },
  ];
}

function toRunJob(request: Message): Message {
  const overrides = read(
    [...same("containerOverrides", "taskCount"), ["timeout", "timeoutSeconds", AS_SECONDS]],
    request["overrides"],
  );
  return checkedMessage("RunJobRequest", { overrides });
}

function shownNow<Item>(kind: Kind<Item>, name: string, nowMs: number): Message {
  return knative(kind.type, kind.view(find(kind, name), nowMs));
}

function isDryRun(request: Message): boolean {
  return textAt(request, "dryRun") === "all";
}

/** Its namespace is a project, and the region is in the name of the host. Without one, it is every region. */
function placeIn(request: Message): string {
  const location = textAt(request, "location") || textAt(request, "region") || ANY;
  return `projects/${textAt(request, "namespace")}/locations/${location}`;
}

/** The full name of what a request names. Without a region it is the one of that name, in any. */
function nameIn<Item extends Named>(request: Message, { items, pattern }: Kind<Item>): string {
  const id = textAt(request, "name");
  const parent = [placeIn(request), ...pattern.split("/").slice(4, -1)]
    .join("/")
    .replaceAll("*", ANY);
  const found = [...items.values()].find(({ name }) => idOf(name) === id && isBelow(name, parent));
  return found?.name ?? `${parent}/${id}`;
}

/**
 * One page of a list, of those items that have the labels asked for, newest first.
 * @throws GoogleError INVALID_ARGUMENT for another selector than `label = value`
 */
function listed<Item extends Named>(kind: Kind<Item>, request: Message, nowMs: number): object {
  const wanted = selectorOf(textAt(request, "labelSelector"));
  const place = placeIn(request);
  const found = [...kind.items.values()]
    .filter(({ name }) => isBelow(name, place))
    .map((item) => knative(kind.type, kind.view(item, nowMs)))
    .filter((item) =>
      wanted.every(([label, value]) => valueAt(item, `metadata labels ${label}`) === value),
    );
  const asked = { pageSize: Number(request["limit"] ?? 0), pageToken: textAt(request, "continue") };
  const { items, nextPageToken } = paginate(found.toReversed(), asked, PAGE_LIMITS);
  const metadata = nextPageToken === "" ? {} : { continue: nextPageToken };
  return { apiVersion: KNATIVE[kind.type].apiVersion, kind: `${kind.type}List`, metadata, items };
}

function selectorOf(text: string): readonly (readonly [label: string, value: string])[] {
  const terms = text.split(",").filter((term) => term.trim() !== "");
  return terms.map((term) => {
    const [, label, value = ""] = /^\s*([^=!\s]+)\s*==?\s*(\S*)\s*$/.exec(term) ?? [];
    if (label === undefined) {
      throw badRequest("labelSelector", `A label selector must be label=value, not "${term}"`);
    }
    return [label, value];
  });
}

/** A permission on what a request is about. */
function needed<Item extends Named>(
  verb: string,
  kind: Kind<Item>,
  resourceOf = (request: Message): string => nameIn(request, kind),
): Rule {
  return (request) => [
    { permission: `run.${wordsOf(kind).segment}.${verb}`, resource: resourceOf(request) },
  ];
}
