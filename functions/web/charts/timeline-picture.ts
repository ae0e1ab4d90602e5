import { html } from "hono/html";
import type { AuditRecord } from "../../../shared/domain/audit-record.ts";
import type { TimelineEntry } from "../../../shared/domain/timeline.ts";
import { shorten } from "../../../shared/domain/text.ts";
import { readableText } from "../../../shared/domain/time.ts";
import type { Instant } from "../../../shared/domain/time.ts";
import { NOTHING, plainText } from "../parts/html.ts";
import type { Html } from "../parts/html.ts";
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

/** What ran in a lane. */
export type DrawnEntry = Pick<TimelineEntry, "deployment" | "to"> & { readonly lane: string };

/** What happened in a lane, or with null in all of them. */
export type DrawnRecord = { readonly record: AuditRecord; readonly lane: string | null };

/** What a picture is drawn of; records and entries in any order. What is in none of the lanes is left out. */
export type Drawn = {
  readonly span: Span;
  /** The names of the lanes, from above. */
  readonly lanes: readonly string[];
  readonly entries: readonly DrawnEntry[];
  readonly records: readonly DrawnRecord[];
  /** Whether lanes are of several services: the band of an incident then stays in its own lane, its line crosses all. */
  readonly isAcross?: boolean;
};

type Place = {
  readonly x: (at: Instant) => number;
  readonly y: (lane: string) => number;
  readonly height: number;
};

/** A bar in its lane for what ran there, marks for what happened, and a line across for an incident. */
export function timelinePicture({ span, lanes, entries, records, isAcross }: Drawn): Html {
  const height = TOP + lanes.length * LANE_HEIGHT + 8;
  const x = timeScale(span, { start: labelWidth(lanes), end: WIDTH - 6 });
  const y = (lane: string): number => TOP + lanes.indexOf(lane) * LANE_HEIGHT;
  const place = { x, y, height };
  // Neighbours of a lane differ, so that two bars do not look like one.
  const bars = lanes.flatMap((lane) =>
    entries.filter((entry) => entry.lane === lane).map((entry, index) => bar(entry, place, index)),
  );
  const shown = records.filter(({ lane }) => lane === null || lanes.includes(lane));
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
        ${lanes.map((lane) => laneName(lane, y(lane)))}
        ${incidents(shown, place, isAcross ?? false)} ${bars}
        ${shown.map((one) => mark(one, place))}
      </svg>
    </div>
  </div>`;
}

/** As wide as the longest name, but no narrower than usual, so that short names do not move the picture. */
function labelWidth(lanes: readonly string[]): number {
  const longest = Math.max(0, ...lanes.map(({ length }) => length));
  return Math.min(LABEL_WIDTH_MOST, Math.max(LABEL_WIDTH, Math.ceil(longest * NAME_LETTER_WIDTH)));
}

/** A name is cut where the bars begin. */
function laneName(lane: string, top: number): Html {
  const name = shorten(lane, Math.floor(LABEL_WIDTH_MOST / NAME_LETTER_WIDTH));
  return html`<text class="lane" x="0" y="${top + 20}">
    ${plainText(name)}${name === lane ? NOTHING : html`<title>${plainText(lane)}</title>`}
  </text>`;
}

function tick(at: number, label: string, height: number): Html {
  return html`<line class="tick" x1="${at}" x2="${at}" y1="18" y2="${height}" /><text
      class="when"
      x="${at}"
      y="12"
      >${label}</text
    >`;
}

function bar({ lane, deployment, to }: DrawnEntry, { x, y }: Place, index: number): Html {
  const { tag, release, kind, since } = deployment;
  const start = x(since);
  const end = to === null ? WIDTH - 6 : x(to);
  const width = Math.max(2, round(end - start - 1));
  const name = tag ?? release;
  const isRoomy = name.length * LETTER_WIDTH < width - 8;
  const ended = to === null ? "until now" : `until ${readableText(to)}`;
  const shade = kind === "rollback" ? "back" : `shade${index % 2}`;
  const top = y(lane) + 4;
  return html`<g>
    <title>${plainText(name)}, ${kind}, from ${readableText(since)} ${ended}</title>
    <rect class="${shade}" x="${start}" y="${top}" width="${width}" height="${BAR_HEIGHT}" rx="2" />
    ${isRoomy ? html`<text class="tag" x="${start + 5}" y="${top + 15}">${plainText(name)}</text>` : NOTHING}
  </g>`;
}

/** An incident is a band from its opening to its closing, with a line at its beginning, across all lanes. */
function incidents(
  records: readonly DrawnRecord[],
  { x, y, height }: Place,
  isInOwnLane: boolean,
): Html {
  const opened = records.filter(({ record }) => record.kind === "incident.opened");
  return html`${opened.map(({ record, lane }) => {
    const closed = records.find((other) => other.lane === lane && isEndOf(other.record, record));
    const start = x(record.time);
    const end = closed === undefined ? WIDTH - 6 : x(closed.record.time);
    const [top, tall] =
      isInOwnLane && lane !== null ? [y(lane), LANE_HEIGHT - 4] : [18, height - 18];
    return html`<g>
      <title>incident in ${plainText(lane ?? "")} since ${readableText(record.time)}</title>
      <rect
        class="incident"
        x="${start}"
        y="${top}"
        width="${Math.max(2, round(end - start))}"
        height="${tall}"
      />
      <line class="opened" x1="${start}" x2="${start}" y1="18" y2="${height}" />
    </g>`;
  })}`;
}

/** Whether a record tells of the end of the incident whose beginning another one tells. */
function isEndOf({ kind, time, details }: AuditRecord, opened: AuditRecord): boolean {
  return (
    kind === "incident.closed" &&
    time >= opened.time &&
    details["incident"] === opened.details["incident"]
  );
}

function mark({ record, lane }: DrawnRecord, { x, y, height }: Place): Html {
  const found = MARKS[record.kind];
  if (found === undefined) {
    return NOTHING;
  }
  const at = x(record.time);
  const level = lane === null ? height - 8 : y(lane) + 34;
  return html`<g>
    <title>${record.kind}, ${readableText(record.time)}, by ${plainText(record.by)}</title>
    <path class="${found.tone}" transform="translate(${at} ${level})" d="${found.shape}" />
  </g>`;
}

/** What the shapes of a picture mean. */
export function legend(): Html {
  return html`<p class="quiet">
    Bars show what ran; one with an outline came by a rollback. A red band is an incident, from its
    opening to its closing. Triangles are failures, squares holds, diamonds restores, crosses drift.
  </p>`;
}
