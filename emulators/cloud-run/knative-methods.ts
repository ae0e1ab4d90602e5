import type { Message } from "../kit/call.ts";
import { policyTable } from "../kit/access/policy-table.ts";
import { allOf, needs, type Rule } from "../kit/access/rules.ts";
import { isRecord } from "../kit/json.ts";
import { type RestMethod, taking } from "../kit/rest-table.ts";
import { asAccount } from "./access-rules.ts";
import { serviceFromKnative } from "./from-knative.ts";
import { knativeJobMethods } from "./knative-job-methods.ts";
import {
  checkVersion,
  inPlace,
  isDryRun,
  KnativeBody,
  KnativeRequest,
  listed,
  nameIn,
  needed,
  placeIn,
  rewritten,
  SUCCESS,
} from "./knative-request.ts";
import { knativeRevision, knativeService } from "./knative-view.ts";
import { NONCE } from "./metadata-rules.ts";
import { locatePolicy } from "./operations-policies.ts";
import { deleteRevision, findRevision } from "./operations-revisions.ts";
import { createService, deleteService, findService } from "./operations-services.ts";
import { writeService } from "./service-write.ts";
import type { CloudRun } from "./state.ts";
import type { ServiceSpec } from "./wire.ts";

const API = "serving.knative.dev/v1";
const BASE = "/apis/serving.knative.dev/v1/namespaces/{namespace}";
const SERVICES = `${BASE}/services`;
const SERVICE = `${SERVICES}/{name}`;
const REVISION = `${BASE}/revisions/{name}`;
const ACCOUNT = "spec.template.spec.serviceAccountName";

/**
 * Version 1 of the API, which `gcloud run` speaks: services and revisions in the form of Knative, jobs with their
 * executions, and policies. What it does is what version 2 does.
 * Source: https://cloud.google.com/run/docs/reference/rest/v1/namespaces.services
 */
export function knativeMethods(run: CloudRun): readonly RestMethod[] {
  return [
    ...serviceMethods(run),
    ...revisionMethods(run),
    ...knativeJobMethods(run),
    ...["services", "jobs"].flatMap((kind) =>
      policyTable(run.keeper, {
        service: `google.cloud.run.v1.${kind === "services" ? "Services" : "Jobs"}`,
        paths: [`/v1/{resource=projects/*/locations/*/${kind}/*}`],
        readBy: "GET",
        locate: (resource) => locatePolicy(run, resource),
        needs: (verb) => needs(`run.${kind}.${verb}`, "resource"),
      }),
    ),
  ];
}

function serviceMethods(run: CloudRun): readonly RestMethod[] {
  const { services } = run.state;
  const nameOf = (request: Message): string => nameIn(request, "services", services);
  const onOne = (verb: string): Rule => needed(`run.services.${verb}`, nameOf);
  const view = (name: string): object => knativeService(run, findService(run, name));
  const list = {
    name: "google.cloud.run.v1.Services/ListServices",
    needs: needed("run.services.list", placeIn),
    takes: taking(KnativeRequest, (request: Message) => {
      const found = inPlace(request, services).map((service) => knativeService(run, service));
      return listed(request, [API, "Service"], found);
    }),
  };
  return [
    { ...list, at: ["GET", SERVICES] },
    { ...list, at: ["GET", "/v1/projects/{namespace}/locations/{location}/services"] },
    {
      name: "google.cloud.run.v1.Services/GetService",
      at: ["GET", SERVICE],
      needs: onOne("get"),
      takes: taking(KnativeRequest, (request) => view(nameOf(request))),
    },
    {
      name: "google.cloud.run.v1.Services/CreateService",
      at: ["POST", SERVICES],
      needs: allOf(needed("run.services.create", placeIn), asAccount(ACCOUNT)),
      takes: taking(KnativeBody, (request, { nowMs }) => {
        const { id, spec } = serviceFromKnative(request);
        const parent = placeIn(request);
        const validateOnly = isDryRun(request);
        createService(run, { parent, serviceId: id, service: spec, validateOnly }, nowMs);
        return validateOnly ? request : view(`${parent}/services/${id}`);
      }),
    },
    {
      name: "google.cloud.run.v1.Services/ReplaceService",
      at: ["PUT", SERVICE],
      needs: allOf(onOne("update"), asAccount(ACCOUNT)),
      takes: taking(KnativeBody, (request, { nowMs }) => {
        replaceService(run, request, nowMs);
        return view(nameOf(request));
      }),
    },
    {
      name: "google.cloud.run.v1.Services/DeleteService",
      at: ["DELETE", SERVICE],
      needs: onOne("delete"),
      takes: taking(KnativeRequest, (request, { nowMs }) => {
        deleteService(run, { name: nameOf(request), validateOnly: isDryRun(request) }, nowMs);
        return SUCCESS;
      }),
    },
  ];
}

function revisionMethods(run: CloudRun): readonly RestMethod[] {
  const { revisions } = run.state;
  const nameOf = (request: Message): string => nameIn(request, "services/-/revisions", revisions);
  return [
    {
      name: "google.cloud.run.v1.Revisions/ListRevisions",
      at: ["GET", `${BASE}/revisions`],
      needs: needed("run.revisions.list", placeIn),
      takes: taking(KnativeRequest, (request) => {
        const found = inPlace(request, revisions).toReversed();
        const views = found.map((revision) => knativeRevision(run, revision));
        return listed(request, [API, "Revision"], views);
      }),
    },
    {
      name: "google.cloud.run.v1.Revisions/GetRevision",
      at: ["GET", REVISION],
      needs: needed("run.revisions.get", nameOf),
      takes: taking(KnativeRequest, (request) =>
        knativeRevision(run, findRevision(run, nameOf(request))),
      ),
    },
    {
      name: "google.cloud.run.v1.Revisions/DeleteRevision",
      at: ["DELETE", REVISION],
      needs: needed("run.revisions.delete", nameOf),
      takes: taking(KnativeRequest, (request, { nowMs }) => {
        deleteRevision(run, { name: nameOf(request) }, nowMs);
        return SUCCESS;
      }),
    },
  ];
}

function replaceService(run: CloudRun, request: Message, nowMs: number): void {
  const name = nameIn(request, "services", run.state.services);
  const current = findService(run, name);
  checkVersion(request, current);
  const before = serviceFromKnative(knativeService(run, current)).spec;
  const { spec: given } = serviceFromKnative(request);
  const spec = rewrittenService(current.spec, before, given);
  const newRevision = hasNonce(request);
  writeService(run, { name, spec, validateOnly: isDryRun(request), newRevision }, nowMs);
}

/** A template is compared part by part, so that a change of its environment leaves the rest as it is. */
function rewrittenService(
  current: ServiceSpec,
  before: ServiceSpec,
  given: ServiceSpec,
): ServiceSpec {
  const template = rewritten(current.template ?? {}, before.template ?? {}, given.template ?? {});
  return { ...rewritten(current, before, given), template };
}

function hasNonce(request: Message): boolean {
  const labels = ["spec", "template", "metadata", "labels"].reduce<unknown>(
    (part, name) => (isRecord(part) ? part[name] : undefined),
    request,
  );
  return isRecord(labels) && NONCE in labels;
}
