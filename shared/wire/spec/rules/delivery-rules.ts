import { didYouMean } from "../nearest.ts";
import type { Path, Report } from "../problem.ts";
import type { DeliveryEnvironmentDraft, EnvironmentDraft, SpecDraft } from "../schema.ts";
import { isAnchored, namesBuild } from "../tag-pattern.ts";
import { judgeApprovals } from "./approval-rules.ts";
import { areIdsKnown, environmentsOf, stagesOf } from "./draft-environments.ts";
import { judgeNotify } from "./notify-rules.ts";
import { judgeProtection } from "./protection-rules.ts";
import { judgeWindows } from "./window-rules.ts";

/** What one environment asks of promotions, beside what it is. */
export type DeliveryPlace = {
  readonly delivery: DeliveryEnvironmentDraft;
  readonly environment: EnvironmentDraft;
  readonly isJob: boolean;
  /** Place in the rollout order; null outside it. */
  readonly stage: number | null;
  readonly path: Path;
};

/** The key `delivery`: whether what is asked can be, and whether it is wise. */
export function judgeDelivery(draft: SpecDraft, report: Report): void {
  const tags = draft.delivery?.tags;
  if (typeof tags === "string" && !isAnchored(tags)) {
    report.warning(
      ["delivery", "tags"],
      "matches a part of a tag as well: start it with ^ and end it with $",
    );
  }
  judgeOrder(draft, report);
  judgeNotify(draft, report);
  for (const place of placesOf(draft, report)) {
    judgePromotion(place, report);
    judgeApprovals(place, report);
    judgeWindows(place, report);
    judgeProtection(place, report);
  }
}

/** An order needs tags that it can read. */
function judgeOrder({ delivery }: SpecDraft, report: Report): void {
  const tags = delivery?.tags;
  const isPattern = typeof tags === "string";
  if (delivery?.order === "build" && !(isPattern && namesBuild(tags))) {
    report.error(
      ["delivery", "order"],
      "is build, so delivery.tags must be a pattern with the group build, such as ^main-(?P<build>\\d+)$",
    );
  }
  if (delivery?.order === "semver" && tags === undefined) {
    report.warning(
      ["delivery", "order"],
      "is semver, but every tag makes a release; a tag that is not a version comes before all versions; set delivery.tags to {semver: range} to take only versions",
    );
  }
}

function placesOf(draft: SpecDraft, report: Report): readonly DeliveryPlace[] {
  const known = environmentsOf(draft).map(({ environment }) => environment);
  const ids = known.flatMap(({ id }) => id ?? []);
  const stages = stagesOf(draft);
  return Object.entries(draft.delivery?.environments ?? {}).flatMap(([id, delivery]) => {
    const path = ["delivery", "environments", id];
    const environment = known.find((candidate) => candidate.id === id);
    if (environment === undefined && areIdsKnown(draft)) {
      const list = ids.length === 0 ? "" : `: it has ${ids.join(", ")}`;
      report.error(path, `is no environment of this file${list}${didYouMean(id, ids)}`, "key");
    }
    if (environment === undefined || delivery === undefined) {
      return [];
    }
    const stage = stages.includes(id) ? stages.indexOf(id) : null;
    return [{ delivery, environment, isJob: draft.service?.kind === "job", stage, path }];
  });
}

function judgePromotion(place: DeliveryPlace, report: Report): void {
  const { delivery, environment, stage, path } = place;
  const at = [...path, "promotion"];
  if (delivery.promotion === "automatic") {
    judgeAutomatic(place, at, report);
  } else if (delivery.promotion === "manual" && environment.deploy?.type === "subscription") {
    report.warning(
      at,
      "is manual, so a push of the tag that deploy.type subscription follows deploys nothing: set deploy.type: manual, or leave this out",
    );
  }
  if (delivery.soak !== undefined && (stage ?? 0) === 0) {
    report.warning(
      [...path, "soak"],
      "has no effect, because there is no stage before this environment: remove it",
    );
  }
}

function judgeAutomatic(place: DeliveryPlace, at: Path, report: Report): void {
  if (place.environment.deploy?.type === "manual") {
    report.error(at, "must not be automatic where deploy.type is manual: change one of them");
  } else if (isUnsoaked(place)) {
    report.warning(
      at,
      "is automatic without a soak, so a release goes on to production as soon as it has succeeded in the stage before: set soak",
    );
  }
}

function isUnsoaked({ delivery, environment, stage }: DeliveryPlace): boolean {
  const isLater = stage !== null && stage > 0;
  const defaultsToSoak = delivery.soak === undefined && environment.category === "external";
  const soaks = delivery.soak !== undefined && /[1-9]/.test(delivery.soak);
  return isLater && environment.category !== "test" && !defaultsToSoak && !soaks;
}
