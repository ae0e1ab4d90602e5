import { html } from "hono/html";
import type { Hono } from "hono";
import { z } from "zod";
import { GATES } from "../../shared/domain/gates/verdict.ts";
import { addCounts, NO_COUNTS, wholeWeeks } from "../../shared/domain/numbers/figures.ts";
import type { Counts, Range } from "../../shared/domain/numbers/figures.ts";
import { days, instant } from "../../shared/domain/time.ts";
import type { Instant } from "../../shared/domain/time.ts";
import { toNumbersView } from "../../shared/wire/api/numbers.ts";
import type { NumbersView } from "../../shared/wire/api/numbers.ts";
import { boundedText } from "../../shared/wire/text.ts";
import type { RequestContext, RequestEnvironment } from "../requests/context.ts";
import { RequestError } from "../requests/errors.ts";
import { countAsked } from "../requests/numbers.ts";
import { barChart } from "./charts/bar-chart.ts";
import { show } from "./layout.ts";
import { code, NOTHING, plain } from "./parts/html.ts";
import type { Html } from "./parts/html.ts";
import { lengthInWords } from "./parts/moments.ts";
import { table } from "./parts/table.ts";

/** How many weeks are shown, the present one among them. */
const WEEKS_SHOWN = 12;

const WEEK = days(7);

const Query = z.object({
  service: boundedText().trim().catch("").default(""),
  owner: boundedText().trim().catch("").default(""),
});

type Asked = z.output<typeof Query>;
type Numbers = z.output<typeof NumbersView>;

/** The numbers of some weeks, and of all of them together. */
type Told = { readonly weeks: readonly Numbers[]; readonly all: Numbers };

/** Adds the page of numbers, and the same as comma-separated values. */
export function addNumbers(app: Hono<RequestEnvironment>): void {
  app.get("/numbers", async (context) => {
    const asked = Query.parse(context.req.query());
    const told = await tell(context, asked);
    return show(context, { title: "Numbers", part: "Numbers", body: numbersText(asked, told) });
  });
  app.get("/numbers.csv", async (context) => {
    const { weeks } = await tell(context, Query.parse(context.req.query()));
    return context.body(toCsv(weeks), 200, {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": 'attachment; filename="numbers.csv"',
    });
  });
}

async function tell(context: RequestContext, { service, owner }: Asked): Promise<Told> {
  if (service !== "" && owner !== "") {
    throw new RequestError("INVALID_ARGUMENT", "name a service or an owner, not both");
  }
  const of = { service: emptyToNull(service), owner: emptyToNull(owner) };
  const ranges = weeksUntil(context.get("wiring").ports.clock.now());
  const { counts, services } = await countAsked(context, { ...of, ranges });
  const view = (these: Counts, range: Range): Numbers =>
    toNumbersView(these, { ...of, services, range });
  const [first, last] = [ranges.at(0), ranges.at(-1)];
  const whole = { from: first?.from ?? instant(0), to: last?.from ?? instant(0) };
  return {
    weeks: ranges.map((range, index) => view(counts[index] ?? NO_COUNTS, range)),
    all: view(counts.reduce(addCounts, NO_COUNTS), whole),
  };
}

function emptyToNull(text: string): string | null {
  return text === "" ? null : text;
}

/** The last weeks, each by a moment in it, the present one last. */
function weeksUntil(now: Instant): readonly Range[] {
  const { from } = wholeWeeks({ from: now, to: now });
  return Array.from({ length: WEEKS_SHOWN }, (_, index) => {
    const at = instant(from - (WEEKS_SHOWN - 1 - index) * WEEK);
    return { from: at, to: at };
  });
}

function numbersText({ service, owner }: Asked, { weeks, all }: Told): Html {
  const csv = new URLSearchParams({ service, owner }).toString();
  return html`<form method="get" action="/numbers" class="filter">
      <label>Service <input name="service" value="${service}" placeholder="all" /></label>
      <label>Owner <input name="owner" value="${owner}" placeholder="any" /></label>
      <button>Show</button>
      <a href="/numbers">Show all</a>
    </form>
    <p>
      ${all.services} ${all.services === 1 ? "service" : "services"}, the last ${WEEKS_SHOWN}
      weeks${service === "" ? ", counted up to a minute or two ago" : NOTHING}.
      <a href="/numbers.csv?${csv}">Download as comma-separated values</a>
    </p>
    <div class="charts">
      ${chart("Deployments a week", weeks, ({ deployments }) => [deployments, String(deployments)])}
      ${chart("Lead time, the median", weeks, ({ leadTime }) => lengthOf(leadTime.medianSeconds))}
      ${chart("Changes that failed", weeks, ({ changeFailureRate: rate }) => [rate, percent(rate)])}
      ${chart("Time to restore, the median", weeks, ({ timeToRestore }) => lengthOf(timeToRestore.medianSeconds))}
      ${chart("Waiting for gates, together", weeks, (week) => lengthOf(blockedSeconds(week)))}
      ${chart("Detection, the median", weeks, ({ detection }) => lengthOf(detection.medianSeconds))}
    </div>
    <h2>Weeks</h2>
    ${weekTable(weeks)}
    <h2>What promotions waited for</h2>
    ${blockedText(all)}`;
}

type Value = readonly [value: number | null, text: string];

function chart(title: string, weeks: readonly Numbers[], value: (week: Numbers) => Value): Html {
  const bars = weeks.map((week) => {
    const [height, text] = value(week);
    return { label: monthDay(week.from), value: height, text };
  });
  return html`<div>
    <h2>${title}</h2>
    ${barChart(title, bars)}
  </div>`;
}

function monthDay(time: string): string {
  return time.slice(5, 10);
}

function lengthOf(seconds: number | null): Value {
  return [seconds, seconds === null ? "" : lengthInWords(seconds * 1000)];
}

function percent(rate: number | null): string {
  return rate === null ? "" : `${Math.round(rate * 100)}%`;
}

function weekTable(weeks: readonly Numbers[]): Html {
  return table({
    caption: "Numbers by week",
    headings: [
      "Week from",
      "Deployments",
      "Lead time",
      "Changes",
      "Failed",
      "Time to restore",
      "Waiting",
      "Detection",
    ],
    rows: weeks.map((week) => [
      html`${week.from.slice(0, 10)}`,
      html`${week.deployments}`,
      html`${lengthOf(week.leadTime.medianSeconds)[1]}`,
      html`${week.changes}`,
      html`${week.failures}${week.failures === 0 ? "" : ` (${percent(week.changeFailureRate)})`}`,
      html`${lengthOf(week.timeToRestore.medianSeconds)[1]}`,
      html`${lengthOf(blockedSeconds(week))[1]}`,
      html`${lengthOf(week.detection.medianSeconds)[1]}`,
    ]),
  });
}

function blockedText({ blocked }: Numbers): Html {
  return table({
    caption: "What promotions waited for, the longest first",
    empty: "For nothing.",
    headings: ["Gate", "Waits", "Together", "Median", "Longest"],
    rows: blocked.map(({ gate, count, totalSeconds, medianSeconds, longestSeconds }) => [
      code(gate),
      html`${count}`,
      html`${lengthOf(totalSeconds)[1]}`,
      html`${lengthOf(medianSeconds)[1]}`,
      plain(lengthOf(longestSeconds)[1]),
    ]),
  });
}

/** How long promotions waited in a week for gates together; null where none did. */
function blockedSeconds({ blocked }: Numbers): number | null {
  return blocked.length === 0
    ? null
    : blocked.reduce((sum, { totalSeconds }) => sum + totalSeconds, 0);
}

const CSV_HEADINGS = [
  "week",
  "deployments",
  "lead_median_seconds",
  "changes",
  "failures",
  "failure_rate",
  "restore_median_seconds",
  "detection_median_seconds",
  ...GATES.map((gate) => `blocked_by_${gate}_seconds`),
].join(",");

function toCsv(weeks: readonly Numbers[]): string {
  const rows = weeks.map((week) =>
    [
      week.from.slice(0, 10),
      week.deployments,
      week.leadTime.medianSeconds,
      week.changes,
      week.failures,
      week.changeFailureRate,
      week.timeToRestore.medianSeconds,
      week.detection.medianSeconds,
      ...GATES.map((name) => week.blocked.find(({ gate }) => gate === name)?.totalSeconds ?? null),
    ]
      .map((cell) => cell ?? "")
      .join(","),
  );
  return `${[CSV_HEADINGS, ...rows].join("\r\n")}\r\n`;
}
