import type { Look } from "../../../shared/domain/effect.ts";
import type { PromotionId } from "../../../shared/domain/ids.ts";
import type { Release } from "../../../shared/domain/release.ts";
import type { Environment } from "../../../shared/domain/service.ts";
import { aTrust } from "../builders.ts";

/** A look of each kind, for whatever keeps effects. */
export function sampleLooks(of: {
  readonly promotion: PromotionId;
  readonly environment: Environment;
  readonly release: Release;
}): readonly Look[] {
  const { promotion, environment, release } = of;
  const { project } = environment;
  const identity = { issuer: "https://issuer.example.com", subject: ".*", isPattern: true };
  return [
    { kind: "find-databases", promotion, project },
    { kind: "read-incidents", promotion, environment: environment.id, project },
    {
      kind: "read-provenance",
      promotion,
      release: release.id,
      repository: release.repository,
      digest: release.digest,
      trust: aTrust({ identities: [identity], source: "https://example.com/web" }),
    },
    { kind: "probe", promotion, environment, times: 1 },
  ];
}
