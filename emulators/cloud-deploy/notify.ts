import { ancestorOf, projectId, segmentOf } from "./names.ts";
import type { World } from "./world.ts";

/** The end of the topic's name, and what its messages call what happened. */
export type Told =
  | `resources ${"Create" | "Update" | "Delete"}`
  | `operations ${"Start" | "Succeed" | "Failure" | "Cancelled" | "Terminated"}`
  | `approvals ${"Required" | "Approved" | "Rejected"}`
  | `advances ${"Required" | "Advanced"}`;

/**
 * Tells one of the four topics of a resource. Attributes are as captured messages have them: there is no data, names have
 * the project's number, and approvals name the rollout in `Rollout` and have no `Resource`. No message of advances was
 * ever captured: theirs are like those of approvals, which is unconfirmed.
 * Source: https://cloud.google.com/deploy/docs/subscribe-deploy-notifications and the captured messages at
 * https://github.com/computeclub/gcp-cloud-deploy-extensions/tree/main/data-samples
 */
export function notify(
  { projects, publisher, rollouts }: World,
  told: Told,
  { name, phaseId }: { readonly name: string; readonly phaseId?: string },
): void {
  const [topic = "", action = ""] = told.split(" ");
  const isAsked = topic === "approvals" || topic === "advances";
  const ids = {
    DeliveryPipelineId: segmentOf(name, "deliveryPipelines"),
    JobRunId: segmentOf(name, "jobRuns"),
    Location: segmentOf(name, "locations"),
    PhaseId: phaseId,
    ProjectNumber: segmentOf(name, "projects"),
    ReleaseId: segmentOf(name, "releases"),
    RolloutId: segmentOf(name, "rollouts"),
    TargetId: targetOf(rollouts, name),
  };
  const attributes = {
    Action: action,
    ...Object.fromEntries(
      Object.entries(ids).flatMap(([key, id]) => (id === undefined ? [] : [[key, id]])),
    ),
    ...(isAsked ? { Rollout: name } : { Resource: name, ResourceType: typeOf(name) }),
    ...(isAsked || phaseId === undefined ? {} : { JobId: "deploy", JobType: "Deploy" }),
  };
  const project = projectId(projects, ids.ProjectNumber ?? "");
  publisher?.publish(`projects/${project}/topics/clouddeploy-${topic}`, { attributes });
}

/** A target's own id, or that of the rollout that a name is in. */
function targetOf({ records }: World["rollouts"], name: string): string | undefined {
  return segmentOf(name, "targets") ?? records.get(ancestorOf(name, "rollouts"))?.targetId;
}

/** `JobRun` of `…/jobRuns/J`. */
function typeOf(name: string): string {
  const segment = name.split("/").at(-2) ?? "";
  return segment.charAt(0).toUpperCase() + segment.slice(1, -1);
}
