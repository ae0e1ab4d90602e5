import type { Platform } from "../settings.ts";
import { agentEmail } from "./names.ts";

const AGENTS = {
  iap: "gcp-sa-iap",
  pubsub: "gcp-sa-pubsub",
  monitoring: "gcp-sa-monitoring-notification",
  run: "serverless-robot-prod",
} as const;

/** An API whose service agent is given something. */
export type Agent = keyof typeof AGENTS;

/** What a service agent is of, as Service Usage names it. */
export function agentName(project: string, api: Agent): string {
  return `projects/${project}/services/${api}.googleapis.com`;
}

/** A service agent as a member of policies. */
export function agentMember(platform: Platform, project: string, api: Agent): string {
  return `serviceAccount:${agentEmail(platform, project, AGENTS[api])}`;
}
