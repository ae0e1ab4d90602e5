import { segmentOf } from "./names.ts";
import type { World } from "./world.ts";

/*
 * Attributes as captured messages have them; every message is without data, and every name has the
 * project's number.
 * Source: https://cloud.google.com/deploy/docs/subscribe-deploy-notifications and the captured messages at
 * https://github.com/computeclub/gcp-cloud-deploy-extensions/tree/main/data-samples
 */

/** What is notified about; a target, a rollout and a job run also say their target, a job run its phase. */
export type Subject = {
  /** `Rollout` */
  readonly type: string;
  readonly name: string;
  readonly targetId?: string;
  readonly phaseId?: string;
};

/** Tells the resources topic that a resource was created, updated or deleted. */
export function notifyResource(
  world: World,
  action: "Create" | "Update" | "Delete",
  subject: Subject,
): void {
  world.publish("clouddeploy-resources", {
    Action: action,
    ...placeOf(subject),
    Resource: subject.name,
    ResourceType: subject.type,
  });
}

/** Tells the operations topic that a render, a rollout or a job run began or ended. */
export function notifyOperation(
  world: World,
  action: "Start" | "Succeed" | "Failure" | "Cancelled" | "Terminated",
  subject: Subject,
): void {
  const { phaseId } = subject;
  const job = { JobId: "deploy", JobType: "Deploy" };
  world.publish("clouddeploy-operations", {
    Action: action,
    ...placeOf(subject),
    ...(phaseId !== undefined && { ...job, PhaseId: phaseId }),
    Resource: subject.name,
    ResourceType: subject.type,
  });
}

/** Tells the approvals topic; its messages name the rollout in `Rollout` and have no `Resource`. */
export function notifyApproval(
  world: World,
  action: "Required" | "Approved" | "Rejected",
  rollout: Subject,
): void {
  world.publish("clouddeploy-approvals", {
    Action: action,
    ...placeOf(rollout),
    Rollout: rollout.name,
  });
}

/**
 * Tells the advances topic that a phase can be, or was, advanced to. No such message was ever captured:
 * its attributes and the word `Required` are made like those of approvals. Unconfirmed.
 */
export function notifyAdvance(
  world: World,
  action: "Required" | "Advanced",
  rollout: Subject & { readonly phaseId: string },
): void {
  world.publish("clouddeploy-advances", {
    Action: action,
    ...placeOf(rollout),
    PhaseId: rollout.phaseId,
    Rollout: rollout.name,
  });
}

function placeOf({ name, targetId }: Subject): Record<string, string> {
  const ids = {
    DeliveryPipelineId: segmentOf(name, "deliveryPipelines"),
    JobRunId: segmentOf(name, "jobRuns"),
    Location: segmentOf(name, "locations"),
    ProjectNumber: segmentOf(name, "projects"),
    ReleaseId: segmentOf(name, "releases"),
    RolloutId: segmentOf(name, "rollouts"),
    TargetId: targetId,
  };
  return Object.fromEntries(
    Object.entries(ids).flatMap(([key, id]) => (id === undefined ? [] : [[key, id]])),
  );
}
