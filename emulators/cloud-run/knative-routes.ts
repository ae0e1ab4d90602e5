import type { Context, Hono } from "hono";
import { type Page, paginate } from "../kit/page.ts";
import { errorBody, googleError, httpStatus } from "../kit/google-error.ts";
import { knativeRevision, knativeService } from "./knative-view.ts";
import { ANY, idOf, placeOf } from "./names.ts";
import { policyOf } from "./operations-policies.ts";
import type { CloudRun, RevisionRecord } from "./state.ts";

const BASE = "/apis/serving.knative.dev/v1/namespaces/:project";
const PAGE_LIMITS = { defaultSize: 100, maxSize: 1000 };

/** A resource of any kind; its name says where it is. */
type Named = { readonly name: string };

/**
 * Adds what `gcloud run services` and `gcloud run revisions` read: services with their policies, and revisions, in the
 * form of version 1. A namespace is a project, and the region is what gcloud puts before the host name; it
 * reaches such a name here when this server is its HTTP proxy too.
 * Source: https://cloud.google.com/run/docs/reference/rest/v1/namespaces.services
 */
export function addKnativeRoutes(app: Hono, run: CloudRun, settle: () => void): void {
  app.get(`${BASE}/services`, (c) => {
    settle();
    return list(
      c,
      "ServiceList",
      inRegion(c, [...run.state.services.values()]).map(serviceOf(run)),
    );
  });
  app.get(`${BASE}/services/:name`, (c) => {
    settle();
    const found = inRegion(c, [...run.state.services.values()]).find(isNamed(c));
    return found === undefined ? missing(c) : c.json(knativeService(run, found));
  });
  app.get(`${BASE}/revisions`, (c) => {
    settle();
    const wanted = /serving\.knative\.dev\/service\s*=+\s*([^,\s]+)/.exec(
      c.req.query("labelSelector") ?? "",
    )?.[1];
    const found = inRegion(c, [...run.state.revisions.values()])
      .filter(({ service }) => wanted === undefined || idOf(service) === wanted)
      .toReversed();
    return list(c, "RevisionList", found.map(revisionOf(run)));
  });
  app.get(`${BASE}/revisions/:name`, (c) => {
    settle();
    const found = inRegion(c, [...run.state.revisions.values()]).find(isNamed(c));
    return found === undefined ? missing(c) : c.json(knativeRevision(run, found));
  });
  app.get(`/v1/projects/:project/locations/:location/services/:name{[^/:]+:getIamPolicy}`, (c) => {
    const resource = c.req.path.slice("/v1/".length).replace(/:getIamPolicy$/, "");
    return c.json(policyOf(run, resource));
  });
  app.get("/v1/projects/:project/locations/:location/services", (c) => {
    settle();
    return list(
      c,
      "ServiceList",
      inRegion(c, [...run.state.services.values()]).map(serviceOf(run)),
    );
  });
}

function serviceOf(run: CloudRun): (service: Parameters<typeof knativeService>[1]) => object {
  return (service) => knativeService(run, service);
}

function revisionOf(run: CloudRun): (revision: RevisionRecord) => object {
  return (revision) => knativeRevision(run, revision);
}

function isNamed(c: Context): (one: Named) => boolean {
  return ({ name }) => idOf(name) === c.req.param("name");
}

function inRegion<T extends Named>(c: Context, records: readonly T[]): readonly T[] {
  const region = c.req.param("location") ?? regionOf(c.req.header("host"));
  return records.filter(({ name }) => {
    const { project, location } = placeOf(name);
    return project === c.req.param("project") && (region === ANY || region === location);
  });
}

/** The region that gcloud put before the host name, or the wildcard. */
function regionOf(host: string | undefined): string {
  return /^[a-z]+-[a-z]+[0-9]+(?=-)/.exec(host ?? "")?.[0] ?? ANY;
}

function list(c: Context, kind: string, all: readonly object[]): Response {
  const limit = Number(c.req.query("limit") ?? 0);
  const pageToken = c.req.query("continue") ?? "";
  const page: Page<object> = paginate(all, { pageSize: limit, pageToken }, PAGE_LIMITS);
  const metadata = page.nextPageToken === "" ? {} : { continue: page.nextPageToken };
  return c.json({ apiVersion: "serving.knative.dev/v1", kind, metadata, items: page.items });
}

function missing(c: Context): Response {
  const error = googleError("NOT_FOUND", `Resource '${c.req.param("name") ?? ""}' does not exist.`);
  return Response.json(errorBody(error), { status: httpStatus(error.status) });
}
