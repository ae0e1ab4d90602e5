import { refuseLarge } from "../../domain/budget.ts";
import { specRevision } from "../../domain/ids.ts";
import type { Service } from "../../domain/service.ts";
import { contentHash } from "./content-hash.ts";
import { parseServiceSpec } from "./parse-service-spec.ts";
import type { Problem } from "./problem.ts";
import type { ServiceSpec } from "./schema.ts";
import { toService } from "./to-service.ts";
import type { Placement } from "./to-service.ts";

/** Stands where a revision would be. */
const UNPLACED = specRevision("000000");

/** A specification as an installation has it; `service` is null when an error keeps it from being used. */
export type PlacedSpec = {
  readonly service: Service | null;
  /** Whether `rollout.suspended` stops its stages. */
  readonly isSuspended: boolean;
  readonly problems: readonly Problem[];
};

/** Reads a service.yaml and places it. Without a placement it is only checked, as far as that goes. */
export function readPlaced(text: string, placement: Placement | null): PlacedSpec {
  const { spec, problems } = parseServiceSpec(text);
  if (spec === null) {
    return { service: null, isSuspended: false, problems };
  }
  const isSuspended = spec.rollout?.suspended ?? false;
  const service = toPlacedService(spec, placement ?? nowhere(spec));
  const large = refuseLarge(service);
  if (large === null) {
    return { service, isSuspended, problems };
  }
  const problem = { severity: "error" as const, path: "", line: 1, column: 1, message: large };
  return { service: null, isSuspended, problems: [...problems, problem] };
}

/** The service at its place. Its fingerprint says where the archive is, too. */
export function toPlacedService(spec: ServiceSpec, placement: Placement): Service {
  const draft = toService(spec, placement);
  const { manages, revision, sourceUri } = placement;
  const fingerprint = contentHash([draft.fingerprint, manages, revision, sourceUri]);
  return { ...draft, fingerprint };
}

/** Where it would be if nobody said anything else; what is made of this is compared with others and not kept. */
function nowhere({ delivery }: ServiceSpec): Placement {
  return {
    pipelineProject: "",
    revision: UNPLACED,
    manages: delivery.manages,
    sourceUri: "",
  };
}
