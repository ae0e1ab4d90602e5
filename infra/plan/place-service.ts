import type { Service } from "../../shared/domain/service.ts";
import { toPlacedService } from "../../shared/wire/spec/placed-service.ts";
import type { ServiceSpec } from "../../shared/wire/spec/schema.ts";
import { toService } from "../../shared/wire/spec/to-service.ts";
import type { Placement } from "../../shared/wire/spec/to-service.ts";
import { toRevision, UNREVISED } from "../render/revision.ts";
import { archiveUri } from "../resources/source-archive.ts";
import type { Installation } from "./installation.ts";

/** Where a service is placed. */
export type Placing = Pick<Installation, "project" | "pipelineProject" | "sourcesBucket">;

/**
 * The service as an installation has it. `platformArchive` is the archive of a pipeline that is not ours and changes
 * the image alone, or null. The fingerprint says where the archive is, too.
 */
export function placeService(
  installation: Placing,
  spec: ServiceSpec,
  platformArchive: string | null,
): Service {
  const draft = {
    pipelineProject: pipelineProjectOf(installation, spec),
    manages: platformArchive === null ? spec.delivery.manages : "image",
    revision: UNREVISED,
    sourceUri: "",
  } as const;
  const revision = toRevision(spec, toService(spec, draft));
  const sourceUri =
    platformArchive ?? archiveUri(installation.sourcesBucket, spec.service.id, revision);
  return toPlacedService(spec, { ...draft, revision, sourceUri });
}

/** Where a service was placed, to be told to whoever records it. */
export function placementOf({ manages, revision, sourceUri, environments }: Service): Placement {
  return { pipelineProject: environments[0]?.pipeline.project ?? "", manages, revision, sourceUri };
}

function pipelineProjectOf(installation: Placing, spec: ServiceSpec): string {
  const last = spec.rollout?.stages.at(-1)?.environment;
  const environment = spec.environments.find(({ id }) => id === last);
  return installation.pipelineProject === "own" || environment === undefined
    ? installation.project
    : environment.projectID;
}
