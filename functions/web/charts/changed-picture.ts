import { html } from "hono/html";
import { SYSTEM_CHAIN } from "../../../shared/domain/audit-record.ts";
import type { AuditRecord } from "../../../shared/domain/audit-record.ts";
import type { PlacedEntry } from "../../../shared/domain/timeline.ts";
import { NOTHING } from "../parts/html.ts";
import type { Html } from "../parts/html.ts";
import type { Span } from "./scale.ts";
import { isDrawn, legend, timelinePicture } from "./timeline-picture.ts";
import type { DrawnEntry, DrawnRecord } from "./timeline-picture.ts";

/** How many lanes a picture of all services has. */
const CHANGED_LANES_MAX = 20;

/**
 * What changed anywhere, as a picture: a lane for each environment of each service in which something did, the newest
 * change above. Nothing where nothing changed that could be drawn.
 */
export function changedPicture(
  span: Span,
  entries: readonly PlacedEntry[],
  happenings: readonly AuditRecord[],
): Html {
  const bars = entries.map((entry) => ({
    ...entry,
    lane: `${entry.service} ${entry.environment}`,
  }));
  const marks = happenings.filter(isDrawn).map((record) => ({ record, lane: laneOf(record) }));
  const all = lanesOf(bars, marks);
  const lanes = all.slice(0, CHANGED_LANES_MAX);
  const left = all.length - lanes.length;
  return bars.length + marks.length === 0
    ? NOTHING
    : html`${timelinePicture({ span, lanes, entries: bars, records: marks, isAcross: true })}
      ${left === 0 ? NOTHING : html`<p class="quiet">What changed in ${left} more places stands in the tables alone.</p>`}
      ${legend()}`;
}

/** A hold on a whole service has a lane of its own; what concerns everything is in none. */
function laneOf({ chain, environment }: AuditRecord): string | null {
  if (chain === SYSTEM_CHAIN) {
    return null;
  }
  return environment === null ? chain : `${chain} ${environment}`;
}

/** The lanes in which something is, the newest change first. */
function lanesOf(bars: readonly DrawnEntry[], marks: readonly DrawnRecord[]): readonly string[] {
  const changes = [
    ...bars.map(({ lane, deployment }) => ({ lane, at: deployment.since })),
    ...marks.map(({ lane, record }) => ({ lane, at: record.time })),
  ];
  const newest = changes.toSorted((one, other) => other.at - one.at);
  return [...new Set(newest.flatMap(({ lane }) => (lane === null ? [] : [lane])))];
}
