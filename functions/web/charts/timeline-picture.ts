import { html } from "hono/html";
import type { AuditRecord } from "../../../shared/domain/audit-record.ts";
import type { TimelineEntry } from "../../../shared/domain/timeline.ts";
import type { Instant } from "../../../shared/domain/time.ts";
import { NOTHING, plainText } from "../parts/html.ts";
import type { Html } from "../parts/html.ts";
import { toReadable } from "../parts/moments.ts";
import { round, ticksOf, timeScale } from "./scale.ts";
import type { Span } from "./scale.ts";

/** The picture's measures, in its own units. */
const WIDTH = 1000;
const LABEL_WIDTH = 110;
const LABEL_WIDTH_MOST = 320;
const LANE_HEIGHT = 44;
const BAR_HEIGHT = 22;
const TOP = 28;
const LETTER_WIDTH = 7.4;
/** Names of lanes are written larger than what is on a bar. */
const NAME_LETTER_WIDTH = 8.6;
/** A moment nearer to the edge would be cut off. */
const LABEL_ROOM = 28;

/** What marks a moment: its shape, by what happened. */
const MARKS: Readonly<Record<string, { readonly shape: string; readonly tone: string }>> = {
  "promotion.failed": { shape: "M-5 4 0-5 5 4z", tone: "bad" },
  "promotion.rolled-back": { shape: "M-5-4 5-4 0 5z", tone: "odd" },
  "hold.placed": { shape: "M-4-4h8v8h-8z", tone: "stop" },
  "hold.lifted": { shape: "M-4-4h8v8h-8zm2 2v4h4v-4z", tone: "stop" },
  "hold.expired": { shape: "M-4-4h8v8h-8zm2 2v4h4v-4z", tone: "stop" },
  "restore.finished": { shape: "M0-5 5 0 0 5-5 0z", tone: "wait" },
  "drift.detected": { shape: "M-4-5 0-1 4-5 5-4 1 0 5 4 4 5 0 1-4 5-5 4-1 0-5-4z", tone: "odd" },
};

/** Whether the picture has a mark or a line for a record. */
export function isDrawn({ kind }: AuditRecord): boolean {
  return kind in MARKS || kind === "incident.opened" || kind === "incident.closed";
}

/** What a picture is drawn of; records and entries in any order. */
export type Drawn = {
  readonly span: Span;
  /** The lanes, by the names of their environments. */
  readonly lanes: readonly string[];
  readonly entries: readonly TimelineEntry[];
  readonly records: readonly AuditRecord[];
};

type Place = { readonly x: (at: Instant) => number; readonly y: (lane: string) => number };

/** A lane for each environment, a bar for what ran there, marks for what happened, and a line across for an incident. */
export function timelinePicture({ span, lanes, entries, records }: Drawn): Html {
  const height = TOP + lanes.length * LANE_HEIGHT + 8;
  const x = timeScale(span, { start: labelWidth(lanes), end: WIDTH - 6 });
  const y = (lane: string): number => TOP + lanes.indexOf(lane) * LANE_HEIGHT;
  const place = { x, y };
  // Neighbours of a lane differ, so that two bars do not look like one.
  const bars = lanes.flatMap((lane) =>
    entries
      .filter(({ environment }) => environment === lane)
      .map((entry, index) => bar(entry, place, index)),
  );
  const shown = records.filter(
    ({ environment }) => environment === null || lanes.includes(environment),
  );
  // Names that stay where one sees them, for a window in which the picture is moved; the stylesheet has their places.
  return html`<div class="wide" tabindex="0" role="group" aria-label="Timeline as a picture">
    <div class="drawn">
      <ol class="lanes" aria-hidden="true">
        ${lanes.map((lane) => html`<li><span>${plainText(lane)}</span></li>`)}
      </ol>
      <svg
        class="timeline"
        viewBox="0 0 ${WIDTH} ${height}"
        role="img"
        aria-label="What ran where and what happened; the tables below say the same"
      >
        ${ticksOf(span)
          .filter(({ at }) => x(at) < WIDTH - LABEL_ROOM)
          .map(({ at, label }) => tick(x(at), label, height))}
        ${lanes.map((lane) => html`<text class="lane" x="0" y="${y(lane) + 20}">${plainText(lane)}</text>`)}
        ${incidents(shown, place, height)} ${bars}
        ${shown.map((record) => mark(record, place, height))}
      </svg>
    </div>
  </div>`;
}

/** As wide as the longest name, but no narrower than usual, so that short names do not move the picture. */
function labelWidth(lanes: readonly string[]): number {
  const longest = Math.max(0, ...lanes.map(({ length }) => length));
  return Math.min(LABEL_WIDTH_MOST, Math.max(LABEL_WIDTH, Math.ceil(longest * NAME_LETTER_WIDTH)));
}

function tick(at: number, label: string, height: number): Html {
  return html`<line class="tick" x1="${at}" x2="${at}" y1="18" y2="${height}" /><text
      class="when"
      x="${at}"
      y="12"
      >${label}</text
    >`;
}

function bar({ environment, deployment, to }: TimelineEntry, { x, y }: Place, index: number): Html {
  const { tag, release, kind, since } = deployment;
  const start = x(since);
  const end = to === null ? WIDTH - 6 : x(to);
  const width = Math.max(2, round(end - start - 1));
  const name = tag ?? release;
  const isRoomy = name.length * LETTER_WIDTH < width - 8;
  const ended = to === null ? "until now" : `until ${exact(to)}`;
  const shade = kind === "rollback" ? "back" : `shade${index % 2}`;
  const top = y(environment) + 4;
  return html`<g>
    <title>${plainText(name)}, ${kind}, from ${exact(since)} ${ended}</title>
    <rect class="${shade}" x="${start}" y="${top}" width="${width}" height="${BAR_HEIGHT}" rx="2" />
    ${isRoomy ? html`<text class="tag" x="${start + 5}" y="${top + 15}">${plainText(name)}</text>` : NOTHING}
  </g>`;
}

/** An incident is a band from its opening to its closing, with a line at its beginning, across all lanes. */
function incidents(records: readonly AuditRecord[], { x }: Place, height: number): Html {
  const opened = records.filter(({ kind }) => kind === "incident.opened");
  return html`${opened.map((record) => {
    const { details, time, environment } = record;
    const closed = records.find(
      (other) =>
        other.kind === "incident.closed" &&
        other.time >= time &&
        other.environment === environment &&
        other.details["incident"] === details["incident"],
    );
    const start = x(time);
    const end = closed === undefined ? WIDTH - 6 : x(closed.time);
    return html`<g>
      <title>incident in ${environment ?? ""} since ${exact(time)}</title>
      <rect
        class="incident"
        x="${start}"
        y="18"
        width="${Math.max(2, round(end - start))}"
        height="${height - 18}"
      />
      <line class="opened" x1="${start}" x2="${start}" y1="18" y2="${height}" />
    </g>`;
  })}`;
}

function mark(record: AuditRecord, { x, y }: Place, height: number): Html {
  const found = MARKS[record.kind];
  if (found === undefined) {
    return NOTHING;
  }
  const at = x(record.time);
  const level = record.environment === null ? height - 8 : y(record.environment) + 34;
  return html`<g>
    <title>${record.kind}, ${exact(record.time)}, by ${plainText(record.by)}</title>
    <path class="${found.tone}" transform="translate(${at} ${level})" d="${found.shape}" />
  </g>`;
}

function exact(at: Instant): string {
  return toReadable(new Date(at).toISOString());
}
