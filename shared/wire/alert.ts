import { z } from "zod";
import { boundedText, shortText } from "./text.ts";

/** How much of an alert policy's name is read. */
const SHOWN_LENGTH_MAX = 200;

/** An alert of Cloud Monitoring: what of it is read. Its policy is as it was when the alert opened. */
export const Alert = z.object({
  name: boundedText().min(1),
  state: boundedText().default("STATE_UNSPECIFIED"),
  openTime: z.iso.datetime({ offset: true }),
  resource: z
    .object({ labels: z.record(boundedText(), boundedText()).default({}) })
    .default({ labels: {} }),
  policy: z
    .object({
      displayName: shortText(SHOWN_LENGTH_MAX).default(""),
      severity: boundedText().default(""),
      userLabels: z.record(boundedText(), boundedText()).default({}),
    })
    .default({ displayName: "", severity: "", userLabels: {} }),
});

/** An alert of Cloud Monitoring, as far as it is read. */
export type Alert = z.infer<typeof Alert>;

/**
 * One page of a project's alerts.
 * Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alerts/list
 */
export const AlertPage = z.object({
  alerts: z.array(Alert).default([]),
  nextPageToken: z.string().default(""),
});
