import { LOCAL_PROJECT } from "./settings.ts";

/** The topics that Google's services publish to once somebody has made them, and our own. */
export const TOPICS = {
  imagePushes: "gcr",
  deployOperations: "clouddeploy-operations",
  deployResources: "clouddeploy-resources",
  deployApprovals: "clouddeploy-approvals",
  deployAdvances: "clouddeploy-advances",
  ticks: "slipway-ticks",
  incidents: "slipway-incidents",
  work: "slipway-work",
  chat: "slipway-chat",
  audit: "slipway-audit",
} as const;

/** A topic's full name in the local project. */
export function topicName(id: string): string {
  return `projects/${LOCAL_PROJECT}/topics/${id}`;
}
