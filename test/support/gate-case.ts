import { judgeGates } from "../../shared/domain/gates/judge.ts";
import type { GateName, GateReport, Verdict } from "../../shared/domain/gates/verdict.ts";
import { environmentId, promotionId, releaseId } from "../../shared/domain/ids.ts";
import type { Image } from "../../shared/domain/image.ts";
import type { Policy } from "../../shared/domain/policy.ts";
import type { Promotion, PromotionKind } from "../../shared/domain/promotion.ts";
import type { Release } from "../../shared/domain/release.ts";
import { environmentState, newServiceState } from "../../shared/domain/state.ts";
import type { Deployment, EnvironmentState, ServiceState } from "../../shared/domain/state.ts";
import { instant } from "../../shared/domain/time.ts";
import { aCandidate, aReleaseOf, aPolicy, anEnvironment, aService, START } from "./builders.ts";
import { asked, given, when, within } from "./decider.ts";
import { present } from "./present.ts";

/** One case of a table: all that a gate may look at, everything open unless the case says otherwise. */
export type GateCase = {
  readonly policy?: Partial<Policy>;
  readonly release?: Partial<Release>;
  readonly image?: Partial<Image>;
  readonly promotion?: Partial<Pick<Promotion, "requestedBy" | "approvals">>;
  readonly kind?: PromotionKind;
  /** What is known of prod, and of dev, the stage before. */
  readonly prod?: Partial<EnvironmentState>;
  readonly dev?: Partial<EnvironmentState>;
  readonly state?: Partial<ServiceState>;
  /** Milliseconds after the start. */
  readonly atMs?: number;
  readonly before?: readonly GateReport[];
};

/** The reports of all gates on a promotion to prod. */
export function reportsOn(one: GateCase): readonly GateReport[] {
  const prod = anEnvironment("prod", { stage: 1, policy: aPolicy(one.policy) });
  const service = aService({ environments: [anEnvironment("dev"), prod] });
  const plain = aReleaseOf(service, aCandidate(1));
  const release = {
    ...plain,
    image: { ...plain.image, ...one.image },
    succeededIn: { dev: START },
    ...one.release,
  };
  const bare = newServiceState(service);
  const state: ServiceState = {
    ...bare,
    releases: { [release.id]: release },
    environments: {
      dev: {
        ...environmentState(bare, environmentId("dev")),
        current: aDeploymentOf(release),
        ...one.dev,
      },
      prod: { ...environmentState(bare, environmentId("prod")), ...one.prod },
    },
    ...one.state,
  };
  const promotion = { ...aPromotion(), kind: one.kind ?? "manual", ...one.promotion };
  const now = instant(START + (one.atMs ?? 0));
  return judgeGates({ state, environment: prod, release, promotion, now }, one.before ?? []);
}

/** The release in dev, undisturbed since the start. */
export function aDeploymentOf(release: Release): Deployment {
  return {
    release: release.id,
    promotion: promotionId(release.id, environmentId("dev"), 1),
    image: "image",
    tag: null,
    kind: "automatic",
    since: START,
    steadySince: START,
    backups: [],
  };
}

/** One gate's verdict on a promotion to prod. @throws Error when the gate does not judge it. */
export function verdictOf(gate: GateName, one: GateCase): Verdict {
  return present(
    reportsOn(one).find((report) => report.gate === gate),
    `a report of ${gate}`,
  ).verdict;
}

/** A promotion of release 1 to prod that waits, asked for by Ann. */
export function aPromotion(): Promotion {
  const service = aService();
  const release = releaseId(aCandidate(1).digest, service.revision);
  const story = when(
    given(service),
    { kind: "image-found", candidate: aCandidate(1), by: "registry" },
    asked("prod", { release }),
  );
  return present(within(story, "prod").waiting[0], "a waiting promotion");
}
