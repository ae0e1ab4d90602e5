import { specRevision } from "../../shared/domain/ids.ts";
import type { SpecRevision } from "../../shared/domain/ids.ts";
import type { Service } from "../../shared/domain/service.ts";
import { contentHash } from "../../shared/wire/spec/content-hash.ts";
import type { ServiceSpec } from "../../shared/wire/spec/schema.ts";
import { renderRelease } from "./render-release.ts";

const REVISION_DIGITS = 6;

/** Stands where the revision will be while what it is made of is rendered. */
export const UNREVISED = specRevision("000000");

/**
 * The revision of a specification: the content address of what is rendered, and of how its pipeline brings it
 * out. What no manifest and no pipeline shows (the size of a cache, roles, gates, owners) is not in it.
 * `service` is as yet `UNREVISED`.
 */
export function toRevision(spec: ServiceSpec, service: Service): SpecRevision {
  const part = {
    image: service.image,
    files: renderRelease(spec, service),
    environments: service.environments.map(({ id, project, region, stage, policy }) => ({
      id,
      project,
      region,
      stage,
      canary: policy.canary,
    })),
  };
  return specRevision(contentHash(part).slice(0, REVISION_DIGITS));
}
