import { ONE_CALL } from "../../shared/adapters/grpc-endpoint.ts";
import type { PipelineRef } from "../../shared/domain/service.ts";
import { IMAGE_ACTION, IMAGE_TARGET_TYPE } from "../render/image-change.ts";
import type { Cloud } from "./cloud.ts";
import { carryOut, lookUp, OPERATION } from "./deploy-operation.ts";
import { changeOf } from "../../shared/domain/apply-plan.ts";
import { creation, unchanged } from "./step.ts";
import type { PlannedStep } from "./step.ts";

const DESCRIPTION = "Changes the image of a Cloud Run service or job, and nothing else";
const LABELS = { "managed-by": "slipway" };
const ACTION = "customActions.deployAction";

/** The custom target type for releases that change the image alone, beside a pipeline. Services share it. */
export function imageTargetType({ project, location }: Omit<PipelineRef, "id">): string {
  return `projects/${project}/locations/${location}/customTargetTypes/${IMAGE_TARGET_TYPE}`;
}

/**
 * The step that makes the custom target type. Without a render action Cloud Deploy renders the manifests of the
 * archive itself.
 * Source: https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.customTargetTypes
 * @throws TransientError or PermanentError
 */
export async function planImageTargetType(
  cloud: Cloud,
  pipeline: Omit<PipelineRef, "id">,
): Promise<PlannedStep> {
  const name = imageTargetType(pipeline);
  const there = await lookUp(name, async () => {
    const [type] = await (await cloud.deploy()).getCustomTargetType({ name }, ONE_CALL);
    return type;
  });
  const customActions = { deployAction: IMAGE_ACTION };
  if (there === null) {
    return creation("custom target type", name, async () => {
      const [parent = "", customTargetTypeId = ""] = name.split("/customTargetTypes/");
      const customTargetType = { description: DESCRIPTION, labels: LABELS, customActions };
      await carryOut(name, async (requestId) => {
        const request = { parent, customTargetTypeId, customTargetType, requestId };
        const [operation] = await (await cloud.deploy()).createCustomTargetType(request, OPERATION);
        return operation;
      });
    });
  }
  const changes = changeOf(ACTION, there.customActions?.deployAction ?? "", IMAGE_ACTION);
  if (changes.length === 0) {
    return unchanged("custom target type", name);
  }
  const perform = async (): Promise<void> => {
    await carryOut(name, async (requestId) => {
      const customTargetType = { name, etag: there.etag ?? "", customActions };
      const updateMask = { paths: ["custom_actions"] };
      const request = { customTargetType, updateMask, requestId };
      const [operation] = await (await cloud.deploy()).updateCustomTargetType(request, OPERATION);
      return operation;
    });
  };
  return { kind: "custom target type", name, action: "update", changes, notes: [], perform };
}
