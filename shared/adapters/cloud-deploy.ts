import type { CloudDeployClient, protos } from "@google-cloud/deploy";
import type { CallOptions } from "google-gax";

import type { RolloutKey, RolloutState, RolloutView } from "../domain/rollout.ts";
import type { PipelineRef } from "../domain/service.ts";
import type { Deploy } from "../ports/deploy.ts";
import { PermanentError } from "../ports/errors.ts";
import { isSameRelease, toReleaseBody } from "./cloud-deploy-release.ts";
import { statusOf } from "./google-errors.ts";
import { endpointOptions, lazily, ONE_CALL } from "./grpc-endpoint.ts";
import type { GrpcEndpoint } from "./grpc-endpoint.ts";
import { callOutside, OPERATION_LIMITS } from "./outside-call.ts";
import { requestIdOf } from "./request-id.ts";
import {
  failedJobRun,
  findPhase,
  jobRunFailure,
  stateOf,
  statedFailure,
  toRolloutView,
} from "./rollout-view.ts";

type Rollout = protos.google.cloud.deploy.v1.IRollout;
type Client = () => Promise<CloudDeployClient>;

/** How a created resource is waited for: asked after 100 ms, then at longer and longer distances. */
const CREATION: CallOptions = {
  ...ONE_CALL,
  longrunning: {
    initialRetryDelayMillis: 100,
    retryDelayMultiplier: 1.5,
    maxRetryDelayMillis: 5000,
    totalTimeoutMillis: OPERATION_LIMITS.timeoutMs,
  },
};

/**
 * The longest description that Cloud Deploy takes, in characters.
 * Source: https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.deliveryPipelines.releases.rollouts
 */
const DESCRIPTION_LENGTH_MAX = 255;

const FAILED: ReadonlySet<RolloutState> = new Set(["FAILED", "HALTED"]);
const OVER: ReadonlySet<RolloutState> = new Set([
  "SUCCEEDED",
  "FAILED",
  "APPROVAL_REJECTED",
  "CANCELLED",
  "HALTED",
]);

/**
 * Cloud Deploy through its own client over gRPC; over REST that client cannot tell ALREADY_EXISTS from
 * ABORTED.
 * Source: https://cloud.google.com/deploy/docs/api/reference/rpc/google.cloud.deploy.v1
 */
export function cloudDeploy(options: { readonly endpoint: GrpcEndpoint }): Deploy {
  const client = lazily(async () => {
    const { CloudDeployClient: Opened } = await import("@google-cloud/deploy");
    return new Opened(await endpointOptions(options.endpoint));
  });
  return { ...creation(client), ...reading(client), ...steering(client) };
}

function creation(client: Client): Pick<Deploy, "createRelease" | "createRollout"> {
  return {
    createRelease: async (pipeline, release) => {
      const parent = pipelineName(pipeline);
      const name = `${parent}/releases/${release.id}`;
      await createOnce(name, {
        create: async () => {
          const body = toReleaseBody(release);
          const requestId = requestIdOf(name, body);
          const request = { parent, releaseId: release.id, requestId, release: body };
          const [operation] = await (await client()).createRelease(request, CREATION);
          await operation.promise();
        },
        isSame: async () => {
          const [there] = await (await client()).getRelease({ name }, ONE_CALL);
          return isSameRelease(there, release);
        },
      });
    },
    createRollout: async (pipeline, key, { target, description, startingPhase }) => {
      const parent = `${pipelineName(pipeline)}/releases/${key.release}`;
      const name = `${parent}/rollouts/${key.rollout}`;
      await createOnce(name, {
        create: async () => {
          const body = {
            targetId: target,
            description: description.slice(0, DESCRIPTION_LENGTH_MAX),
          };
          const start = startingPhase === null ? {} : { startingPhaseId: startingPhase };
          const requestId = requestIdOf(name, { ...body, ...start });
          const request = { parent, rolloutId: key.rollout, requestId, rollout: body, ...start };
          const [operation] = await (await client()).createRollout(request, CREATION);
          await operation.promise();
        },
        isSame: async () => (await fetchRollout(client, name)).targetId === target,
      });
    },
  };
}

/** Creates; when it is there already, that is success if it is the same. */
async function createOnce(
  name: string,
  attempt: { readonly create: () => Promise<void>; readonly isSame: () => Promise<boolean> },
): Promise<void> {
  try {
    await callOutside(name, attempt.create, OPERATION_LIMITS);
  } catch (error) {
    if (statusOf(error) !== "ALREADY_EXISTS") {
      throw error;
    }
    if (!(await callOutside(name, attempt.isSame))) {
      throw new PermanentError("ALREADY_EXISTS", `${name} exists already and differs`, error);
    }
  }
}

function reading(client: Client): Pick<Deploy, "getRollout" | "listRollouts" | "targetRollouts"> {
  return {
    getRollout: async (pipeline, key) => {
      const name = rolloutName(pipeline, key);
      try {
        return await viewOf(client, await callOutside(name, () => fetchRollout(client, name)));
      } catch (error) {
        if (statusOf(error) === "NOT_FOUND") {
          return null;
        }
        throw error;
      }
    },
    listRollouts: async (pipeline, release, limit) => {
      const parent = `${pipelineName(pipeline)}/releases/${release}`;
      return listNewest(client, { parent, pageSize: limit });
    },
    targetRollouts: async (pipeline, target, limit) => {
      const parent = `${pipelineName(pipeline)}/releases/-`;
      const filter = `targetId="${target}"`;
      return listNewest(client, { parent, filter, pageSize: limit });
    },
  };
}

async function listNewest(
  client: Client,
  wanted: { readonly parent: string; readonly filter?: string; readonly pageSize: number },
): Promise<readonly RolloutView[]> {
  const rollouts = await callOutside(wanted.parent, async () => {
    const request = { ...wanted, orderBy: "createTime desc" };
    const [page] = await (
      await client()
    ).listRollouts(request, { ...ONE_CALL, autoPaginate: false });
    return page.slice(0, wanted.pageSize);
  });
  return Promise.all(rollouts.map(async (rollout) => viewOf(client, rollout)));
}

function steering(
  client: Client,
): Pick<Deploy, "advanceRollout" | "approveRollout" | "cancelRollout"> {
  return {
    advanceRollout: async (pipeline, key, phase) => {
      const name = rolloutName(pipeline, key);
      await steer(client, name, {
        act: async () => (await client()).advanceRollout({ name, phaseId: phase }, ONE_CALL),
        isPast: (rollout) => {
          const found = findPhase(rollout, phase);
          return OVER.has(stateOf(rollout)) || (found !== null && found.state !== "PENDING");
        },
      });
    },
    approveRollout: async (pipeline, key, isApproved) => {
      const name = rolloutName(pipeline, key);
      await steer(client, name, {
        act: async () => (await client()).approveRollout({ name, approved: isApproved }, ONE_CALL),
        isPast: (rollout) => stateOf(rollout) !== "PENDING_APPROVAL",
      });
    },
    cancelRollout: async (pipeline, key) => {
      const name = rolloutName(pipeline, key);
      await steer(client, name, {
        act: async () => (await client()).cancelRollout({ name }, ONE_CALL),
        isPast: (rollout) => stateOf(rollout) === "CANCELLING" || OVER.has(stateOf(rollout)),
      });
    },
  };
}

/**
 * These calls know no request id: a repeat, or one that comes late, is refused as FAILED_PRECONDITION.
 * Whether that is a failure only the rollout can say.
 */
async function steer(
  client: Client,
  name: string,
  attempt: {
    readonly act: () => Promise<unknown>;
    readonly isPast: (rollout: Rollout) => boolean;
  },
): Promise<void> {
  try {
    await callOutside(name, attempt.act);
  } catch (error) {
    if (statusOf(error) !== "FAILED_PRECONDITION") {
      throw error;
    }
    const rollout = await callOutside(name, () => fetchRollout(client, name));
    if (!attempt.isPast(rollout)) {
      throw error;
    }
  }
}

async function viewOf(client: Client, rollout: Rollout): Promise<RolloutView> {
  return toRolloutView(rollout, FAILED.has(stateOf(rollout)) ? await why(client, rollout) : null);
}

/** A rollout that fails often says only that a job did; the job run knows more. */
async function why(client: Client, rollout: Rollout): Promise<string | null> {
  const stated = statedFailure(rollout);
  const name = failedJobRun(rollout);
  if ((rollout.failureReason ?? "") !== "" || name === null) {
    return stated;
  }
  const [run] = await callOutside(name, async () => (await client()).getJobRun({ name }, ONE_CALL));
  return jobRunFailure(run) ?? stated;
}

async function fetchRollout(client: Client, name: string): Promise<Rollout> {
  const [rollout] = await (await client()).getRollout({ name }, ONE_CALL);
  return rollout;
}

function pipelineName({ project, location, id }: PipelineRef): string {
  return `projects/${project}/locations/${location}/deliveryPipelines/${id}`;
}

function rolloutName(pipeline: PipelineRef, { release, rollout }: RolloutKey): string {
  return `${pipelineName(pipeline)}/releases/${release}/rollouts/${rollout}`;
}
