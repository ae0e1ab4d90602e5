import { toTimestamp } from "../kit/clock.ts";
import { parseFilter } from "../kit/filter.ts";
import { badRequest } from "../kit/google-error.ts";
import { isRecord } from "../kit/json.ts";
import { orderBy } from "../kit/order-by.ts";
import { type PageRequest, paginate } from "../kit/page.ts";
import { isIn, notFound, parseName, parseProject } from "./names.ts";
import type { Incident, Labels } from "./resources.ts";
import type { Monitoring } from "./state.ts";

/** An alert in the API's JSON. */
export type AlertView = {
  readonly name: string;
  readonly state: "OPEN" | "CLOSED";
  readonly openTime: string;
  readonly closeTime?: string;
  readonly resource: { readonly type: string; readonly labels: Labels };
  readonly metadata: { readonly systemLabels: Labels; readonly userLabels: Labels };
  readonly metric: { readonly type: string; readonly labels: Labels };
  readonly log?: { readonly extractedLabels: Labels };
  readonly policy: {
    readonly name: string;
    readonly displayName?: string;
    readonly severity?: string;
    readonly userLabels: Labels;
  };
};

/** The request of a list of alerts. */
export type ListAlertsRequest = PageRequest & {
  readonly parent: string;
  readonly filter?: string | undefined;
  readonly orderBy?: string | undefined;
};

const PAGE_LIMITS = { defaultSize: 50, maxSize: 1_000 };
const TOKEN_LIFE_MS = 72 * 3_600_000;
const ORDER = /^(open_?time|close_?time)(\s+(asc|desc))?$/i;

/**
 * projects.alerts.list, newest first unless told otherwise. A page token is good for 72 hours, and for
 * the filter and order it was made for.
 * Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alerts/list
 * @throws GoogleError INVALID_ARGUMENT
 */
export function listAlerts(
  monitoring: Monitoring,
  request: ListAlertsRequest,
): {
  readonly alerts: readonly AlertView[];
  readonly nextPageToken: string;
  readonly totalSize: number;
} {
  const { state, projects, clock } = monitoring;
  const project = parseProject(projects, request.parent);
  const { filter = "", orderBy: order = "open_time desc" } = request;
  if (!order.split(",").every((key) => ORDER.test(key.trim()))) {
    throw badRequest("order_by", `Alerts are ordered by open_time or close_time, not "${order}".`);
  }
  const query = JSON.stringify([project, filter, order]);
  const all = [...state.incidents.values()].toReversed().map(toAlert).filter(isIn(project));
  const found = orderBy(all.filter(parseFilter(filter)), order);
  const pageToken = openToken(request.pageToken ?? "", query, clock.now());
  const page = paginate(found, { ...request, pageToken }, PAGE_LIMITS);
  const nextPageToken =
    page.nextPageToken === "" ? "" : sealToken(page.nextPageToken, query, clock.now());
  return { alerts: page.items, nextPageToken, totalSize: found.length };
}

/**
 * projects.alerts.get
 * Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alerts/get
 * @throws GoogleError NOT_FOUND
 */
export function getAlert({ state, projects }: Monitoring, name: string): AlertView {
  const fullName = parseName(projects, "alerts", name);
  const alert = [...state.incidents.values()].map(toAlert).find((one) => one.name === fullName);
  if (alert === undefined) {
    throw notFound("Alert", fullName);
  }
  return alert;
}

/** An incident as the API shows it; its policy is as it was when the incident opened. */
export function toAlert(incident: Incident): AlertView {
  const { id, project, policy, metric, openMs, closeMs, logLabels } = incident;
  const { name, displayName, severity, userLabels = {} } = policy;
  return {
    name: `projects/${project}/alerts/${id}`,
    state: closeMs === null ? "OPEN" : "CLOSED",
    openTime: toTimestamp(openMs),
    ...(closeMs === null ? {} : { closeTime: toTimestamp(closeMs) }),
    resource: incident.resource,
    metadata: { systemLabels: {}, userLabels: {} },
    metric: { type: metric.type, labels: metric.labels },
    ...(logLabels === null ? {} : { log: { extractedLabels: logLabels } }),
    policy: {
      name,
      ...(displayName === undefined ? {} : { displayName }),
      ...(severity === undefined ? {} : { severity }),
      userLabels,
    },
  };
}

function sealToken(token: string, query: string, nowMs: number): string {
  return Buffer.from(JSON.stringify({ token, query, nowMs })).toString("base64url");
}

/** The token inside; empty when there is none. */
function openToken(sealed: string, query: string, nowMs: number): string {
  if (sealed === "") {
    return "";
  }
  const content = parse(Buffer.from(sealed, "base64url").toString());
  const token = isRecord(content) ? content["token"] : undefined;
  const madeMs = isRecord(content) ? Number(content["nowMs"]) : Number.NaN;
  const isMeant = isRecord(content) && content["query"] === query;
  if (typeof token !== "string" || !isMeant || !(nowMs - madeMs <= TOKEN_LIFE_MS)) {
    throw badRequest("page_token", "page_token is not valid");
  }
  return token;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
