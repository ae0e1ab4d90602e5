import { googleError, type GoogleError } from "../google-error.ts";
import { serviceTitle } from "./service-titles.ts";

/**
 * The refusal of a call to an API that is not enabled in a project.
 * Source: https://cloud.google.com/service-usage/docs/troubleshooting and
 * https://github.com/googleapis/googleapis/blob/master/google/api/error_reason.proto
 */
export function apiDisabled(service: string, project: string): GoogleError {
  const title = serviceTitle(service);
  const activationUrl = `https://console.developers.google.com/apis/api/${service}/overview?project=${project}`;
  const message = `${title} has not been used in project ${project} before or it is disabled. Enable it by visiting ${activationUrl} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.`;
  return googleError("PERMISSION_DENIED", message, [
    {
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason: "SERVICE_DISABLED",
      domain: "googleapis.com",
      metadata: {
        service,
        consumer: `projects/${project}`,
        serviceTitle: title,
        containerInfo: project,
        activationUrl,
      },
    },
    { "@type": "type.googleapis.com/google.rpc.LocalizedMessage", locale: "en-US", message },
    {
      "@type": "type.googleapis.com/google.rpc.Help",
      links: [{ description: "Google developers console API activation", url: activationUrl }],
    },
  ]);
}
