import { segmentOf } from "./names.ts";
import type { JobRun, Rollout } from "./rollout.ts";
import type { Release } from "./configuration.ts";
import type { World } from "./world.ts";

/*
 * Attributes as captured messages have them; every message is without data, and every name has the
 * project's number.
 * Source: https://cloud.google.com/deploy/docs/subscribe-deploy-notifications and the captured messages at
 * https://github.com/computeclub/gcp-cloud-deploy-extensions/tree/main/data-samples
 */

/** What the resources topic tells. */
export type ResourceAction = "Create" | "Update" | "Delete";

/** What a resource is called in a notification. */
export type ResourceType =
  | "DeliveryPipeline"
  | "Target"
  | "CustomTargetType"
  | "Release"
  | "Rollout"
  | "JobRun";

/** What is notified about; a rollout and a job run also say their target. */
export type Subject = {
  readonly type: ResourceType;
  readonly name: string;
  readonly targetId?: string;
};

/** Tells the resources topic that a resource was created, updated or deleted. */
export function notifyResource(world: World, action: ResourceAction, subject: Subject): void {
  world.publish("clouddeploy-resources", {
    Action: action,
    ...placeOf(subject),
    Resource: subject.name,
    ResourceType: subject.type,
  });
}

/** Tells the operations topic that the render of a release began or ended. */
export function notifyRender(
  world: World,
  action: "Start" | "Succeed" | "Failure",
  release: Release,
): void {
  world.publish("clouddeploy-operations", {
    Action: action,
    ...placeOf({ type: "Release", name: release.name }),
    Resource: release.name,
    ResourceType: "Release",
  });
}

/** Tells the operations topic that a rollout began or ended. */
export function notifyRollout(
  world: World,
  action: "Start" | "Succeed" | "Failure" | "Cancelled",
  rollout: Rollout,
): void {
  world.publish("clouddeploy-operations", {
    Action: action,
    ...placeOf(rolloutSubject(rollout)),
    Resource: rollout.name,
    ResourceType: "Rollout",
  });
}

/** Tells the operations topic that a job run began or ended. */
export function notifyJobRun(
  world: World,
  action: "Start" | "Succeed" | "Failure" | "Terminated",
  { jobRun, targetId }: { readonly jobRun: JobRun; readonly targetId: string },
): void {
  world.publish("clouddeploy-operations", {
    Action: action,
    ...placeOf({ type: "JobRun", name: jobRun.name, targetId }),
    JobId: jobRun.jobId,
    // `Deploy` was captured; the words of the other jobs are made like it. Unconfirmed.
    JobType: jobRun.jobId.charAt(0).toUpperCase() + jobRun.jobId.slice(1),
    PhaseId: jobRun.phaseId,
    Resource: jobRun.name,
    ResourceType: "JobRun",
  });
}

/** Tells the approvals topic; its messages name the rollout in `Rollout` and have no `Resource`. */
export function notifyApproval(
  world: World,
  action: "Required" | "Approved" | "Rejected",
  rollout: Rollout,
): void {
  world.publish("clouddeploy-approvals", {
    Action: action,
    ...placeOf(rolloutSubject(rollout)),
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
  { rollout, phaseId }: { readonly rollout: Rollout; readonly phaseId: string },
): void {
  world.publish("clouddeploy-advances", {
    Action: action,
    ...placeOf(rolloutSubject(rollout)),
    PhaseId: phaseId,
    Rollout: rollout.name,
  });
}

/** A rollout as a subject of notifications. */
export function rolloutSubject(rollout: Rollout): Subject {
  return { type: "Rollout", name: rollout.name, targetId: rollout.targetId };
}

function placeOf({ type, name, targetId }: Subject): Record<string, string> {
  const ids = {
    DeliveryPipelineId: segmentOf(name, "deliveryPipelines"),
    JobRunId: segmentOf(name, "jobRuns"),
    Location: segmentOf(name, "locations"),
    ProjectNumber: segmentOf(name, "projects"),
    ReleaseId: segmentOf(name, "releases"),
    RolloutId: segmentOf(name, "rollouts"),
    TargetId: type === "Target" ? segmentOf(name, "targets") : targetId,
  };
  return Object.fromEntries(
    Object.entries(ids)
      .filter((entry) => entry[1] !== undefined)
      .map(([key, id]) => [key, id ?? ""]),
  );
}
