import { z } from "zod";

/** An alert of Cloud Monitoring: what of it is read. Its policy is as it was when the alert opened. */
export const Alert = z.object({
  name: z.string().min(1),
  state: z.string().default("STATE_UNSPECIFIED"),
  openTime: z.iso.datetime({ offset: true }),
  policy: z
    .object({
      displayName: z.string().default(""),
      severity: z.string().default(""),
      userLabels: z.record(z.string(), z.string()).default({}),
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
