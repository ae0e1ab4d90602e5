import { idOf } from "../kit/collection-names.ts";
import type { Context, Hono } from "hono";
import type { Admit } from "../edge/admission.ts";
import type { EdgeService, Ingress } from "../edge/admission.ts";
import { predefinedRole } from "../kit/access/roles.ts";
import { ingressContainer, variableOf } from "./images.ts";
import { serviceUri, TAG_SEPARATOR } from "./services.ts";
import { type CloudRun, type Revision, revisionOf, type Service } from "./state.ts";
import { createSpread } from "./traffic.ts";

/** The label of an image whose health check fails: the HTTP status that it answers, such as `503`. */
const HEALTH_LABEL = "dev.slipway.emulator.healthz";
/** The label of an image that is healthy at first: after so many seconds of being ready it fails. */
const HEALTH_AFTER_LABEL = "dev.slipway.emulator.healthz-after";

/** The variable that guards the health check. */
const DIAGNOSTICS = "DIAGNOSTICS_SECRET";

const VERSION_LABEL = "org.opencontainers.image.version";
const HEALTHY = 200;
const UNHEALTHY = 503;

/** Where the second segment is a region, the path is a service's and not the API's. */
const ROUTE = "/:project/:location{[a-z]+-[a-z]+[0-9]+}/:service/*";

/** What answers one request. */
type Serving = { readonly service: Service; readonly revision: Revision };

/** What the data plane needs beside the state. */
type DataPlane = {
  readonly settle: () => void;
  /** What decides who gets in; null lets everybody in. */
  readonly front: { readonly admit: Admit } | null;
};

/**
 * Adds the endpoint of every service: `/<project>/<location>/<service>/…`, with a traffic tag
 * `/<project>/<location>/<tag>---<service>/…`. Services answer as the MSP runtime does: the version
 * on `/-/version`, health on `/-/healthz`, and a page that names what serves anywhere else.
 * Source: https://github.com/sourcegraph/sourcegraph-public-snapshot/tree/main/lib/managedservicesplatform/runtime
 */
export function addDataPlane(app: Hono, run: CloudRun, plane: DataPlane): void {
  const spread = createSpread();
  function nextOf({ name, hidden }: Service, tag: string | null): Revision | undefined {
    const tagged = hidden.served.find((target) => target.tag === tag)?.revision;
    return revisionOf(run, name, (tag === null ? spread(name, hidden.served) : tagged) ?? "");
  }
  app.all(ROUTE, async (c) => {
    plane.settle();
    const { project, location } = c.req.param();
    const [id = "", tag = null] = c.req.param("service").split(TAG_SEPARATOR).toReversed();
    const name = `projects/${project}/locations/${location}/services/${id}`;
    const service = run.services.records.get(name);
    if (service === undefined) {
      return c.text(`There is no service ${id} in ${project} and ${location}.\n`, 404);
    }
    const { path } = c.req;
    const headers = Object.fromEntries(c.req.raw.headers);
    const admitted = await plane.front?.admit(behindFront(run, service), { path, headers });
    if (admitted?.kind === "refused") {
      return new Response(admitted.page.body, admitted.page);
    }
    const revision = nextOf(service, tag);
    return revision === undefined
      ? notServing(c, service, tag)
      : respond(c, { service, revision }, run.now());
  });
}

const INGRESSES: ReadonlyMap<string, Ingress> = new Map([
  ["INGRESS_TRAFFIC_INTERNAL_ONLY", "internal"],
  ["INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER", "internal-and-cloud-load-balancing"],
]);

/** What the front is to know of a service: where it takes requests from, and who may invoke it by its own policy. */
function behindFront(run: CloudRun, service: Service): EdgeService {
  const { name, ingress, invokerIamDisabled, customAudiences = [] } = service;
  return {
    name,
    ingress: INGRESSES.get(ingress) ?? "all",
    isInvokerChecked: invokerIamDisabled !== true,
    audiences: [serviceUri(run, name, null), ...customAudiences],
    invokers: run.keeper.policies
      .bindings(name)
      .filter(({ role }) => predefinedRole(role)?.permissions.has("run.routes.invoke") === true)
      .flatMap(({ members }) => members),
  };
}

function notServing(c: Context, service: Service, tag: string | null): Response {
  const why = service.hidden.failure?.message ?? "It is still starting.";
  return tag === null
    ? c.text(`Service ${idOf(service.name)} has no revision that is ready. ${why}\n`, UNHEALTHY)
    : c.text(`Service ${idOf(service.name)} has no traffic tag ${tag}.\n`, 404);
}

function respond(c: Context, serving: Serving, now: number): Response {
  const { revision } = serving;
  c.header("x-revision", idOf(revision.name));
  c.header("x-image-digest", revision.hidden.image?.digest ?? "");
  const path = c.req.path.split("/").slice(4).join("/");
  switch (path) {
    case "-/version":
      return c.text(reportedVersion(revision));
    case "-/healthz":
      return health(c, revision, now);
    default:
      return c.text(describe(serving));
  }
}

/**
 * The version that a revision reports: its own VERSION, the image's, the image's label, the tag that
 * the image had when the revision was made, or else its digest.
 */
function reportedVersion(revision: Revision): string {
  const { image } = revision.hidden;
  return (
    variableOf(revision.containers, image, "VERSION") ??
    image?.config.labels[VERSION_LABEL] ??
    image?.tag ??
    image?.digest ??
    ""
  );
}

function health(c: Context, revision: Revision, now: number): Response {
  if (!mayAsk(revision, c.req.header("authorization") ?? "")) {
    return c.text("unauthorized", 401);
  }
  const status = healthStatus(revision, now);
  return status === HEALTHY
    ? c.text("ok")
    : new Response("unhealthy", { status, headers: c.res.headers });
}

/** Secrets are not read here, so of a variable from one only that it is set is known: any token will do. */
function mayAsk(revision: Revision, authorization: string): boolean {
  const { env = [] } = ingressContainer(revision.containers);
  const given = env.find(({ name }) => name === DIAGNOSTICS);
  if (given?.valueSource?.secretKeyRef !== undefined) {
    return /^Bearer \S/.test(authorization);
  }
  const secret = variableOf(revision.containers, revision.hidden.image, DIAGNOSTICS) ?? "";
  return secret === "" || authorization === `Bearer ${secret}`;
}

function healthStatus(revision: Revision, now: number): number {
  const { labels = {} } = revision.hidden.image?.config ?? {};
  const { [HEALTH_LABEL]: status, [HEALTH_AFTER_LABEL]: after } = labels;
  const since = now - revision.hidden.dueMs;
  const isSick =
    after === undefined ? status !== undefined : since >= Number.parseFloat(after) * 1000;
  if (!isSick) {
    return HEALTHY;
  }
  const wanted = Number(status);
  return Number.isInteger(wanted) && wanted >= 200 && wanted <= 599 ? wanted : UNHEALTHY;
}

function describe({ service, revision }: Serving): string {
  return [
    `service: ${idOf(service.name)}`,
    `revision: ${idOf(revision.name)}`,
    `image: ${revision.hidden.image?.reference ?? ""}`,
    `version: ${reportedVersion(revision)}`,
    "",
  ].join("\n");
}
