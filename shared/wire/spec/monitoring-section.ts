import { z } from "zod";
import { parseGoDuration } from "./duration.ts";
import { show } from "./explain-issue.ts";
import { filled, filledProse, flag, old, prose, text, whole } from "./fields.ts";

const DURATION_MINUTES_MAX = 1440;
const MINUTE_MS = 60_000;
/** Upstream's pattern is not anchored: 15xx and 5xxx pass as well. */
const CODE_CLASS = /\dx+/;
const ALERT_NAME = /^[-A-Za-z0-9 ]+$/;

const durationMinutes = whole(
  "Minutes that the condition must hold: up to 1440; 1 when left out.",
  {
    min: 0,
    max: DURATION_MINUTES_MAX,
  },
).optional();

const ResponseCodeRatio = z
  .object({
    id: filled("The alert's id, of its own."),
    name: filled("The alert's name."),
    description: prose("What to do about it.").optional(),
    ratio: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe("The part of all responses that may have the code: 0 to 1."),
    code: whole("The code, such as 404; or codeClass.", { min: 1 }).optional(),
    codeClass: text("The class of codes, such as 5xx; or code.", (value) =>
      CODE_CLASS.test(value) ? null : `must be a class such as 4xx or 5xx, not ${show(value)}`,
    ).optional(),
    excludeCodes: z.array(text("A code.")).default([]).describe("Codes that do not count."),
    durationMinutes,
    duration: old(text("How long the condition must hold."), "use durationMinutes"),
  })
  .meta({ title: "Response code ratio", description: "An alert on a share of the responses." })
  .transform(({ duration, ...alert }) => ({
    ...alert,
    durationMinutes: alert.durationMinutes ?? minutesOf(duration) ?? 1,
  }));

const CustomAlert = z
  .object({
    name: text("The alert's name: letters, digits, spaces and hyphens.", (name) =>
      ALERT_NAME.test(name)
        ? null
        : `must have letters, digits, spaces and hyphens only, not ${show(name)}`,
    ),
    description: prose("What to do about it.").optional(),
    severityLevel: z.enum(["WARNING", "CRITICAL"]).describe("WARNING or CRITICAL."),
    condition: z.object({
      type: z.enum(["mql", "promql"]).describe("The language of the query: mql or promql."),
      query: filledProse("The query."),
      durationMinutes,
    }),
  })
  .meta({ title: "Custom alert", description: "An alert on a query." });

/** The alerts that watch over every environment. */
export const MonitoringSection = z
  .object({
    nobl9: flag(
      "Whether upstream's Terraform makes a Nobl9 project; Slipway makes none.",
    ).optional(),
    alerts: z
      .object({
        responseCodeRatios: z
          .array(ResponseCodeRatio)
          .default([])
          .describe("Alerts on response codes."),
        customAlerts: z.array(CustomAlert).default([]).describe("Alerts on queries."),
      })
      .prefault({}),
  })
  .meta({ title: "Monitoring", description: "The alerts that watch over every environment." });

/** The id that upstream derives from the name of a custom alert. */
export function customAlertId(name: string): string {
  return name.replaceAll(" ", "-").toLowerCase();
}

/** The whole minutes of an alert's older key `duration`, up to a day; null for any other text. */
export function minutesOf(value: string | undefined): number | null {
  const length = value === undefined ? null : parseGoDuration(value);
  const minutes = length === null ? Number.NaN : length / MINUTE_MS;
  return Number.isInteger(minutes) && minutes <= DURATION_MINUTES_MAX ? minutes : null;
}
