import { show } from "../explain-issue.ts";
import { didYouMean } from "../nearest.ts";
import type { Path, Report } from "../problem.ts";
import type { EnvironmentDraft, SpecDraft } from "../schema.ts";
import { areIdsKnown, environmentsOf, isInvalid, stagesOf } from "./draft-environments.ts";
import type { PlacedEnvironment } from "./draft-environments.ts";

const SERVICE_ACCOUNT = /^[^@\s]+@[^@\s]+\.gserviceaccount\.com$/;
const REGION_DEFAULT = "us-central1";

/** How images reach the environments, and the order of the stages. */
export function judgeDeploy(draft: SpecDraft, report: Report): void {
  const stages = new Set(stagesOf(draft));
  for (const placed of environmentsOf(draft)) {
    judgeBlocks(placed, report);
    if (!isInvalid(draft.rollout, "stages")) {
      judgeStage(placed, stages, report);
    }
  }
  judgeStageCount(draft, report);
  judgeStages(draft, report);
  judgeRegions(draft, report);
  const account = draft.rollout?.serviceAccount;
  if (account !== undefined && !SERVICE_ACCOUNT.test(account)) {
    report.warning(
      ["rollout", "serviceAccount"],
      `should be the address of a service account, such as build@example.iam.gserviceaccount.com, not ${show(account)}`,
    );
  }
}

function judgeBlocks({ environment, path }: PlacedEnvironment, report: Report): void {
  const at = [...path, "deploy"];
  switch (environment.deploy?.type) {
    case "manual":
      judgeManual(environment, at, report);
      return;
    case "subscription":
      judgeSubscription(environment, at, report);
      return;
    case "rollout":
      for (const key of ["manual", "subscription"] as const) {
        if (environment.deploy[key] !== undefined) {
          report.warning([...at, key], "has no effect for type rollout: remove it");
        }
      }
      return;
    case undefined:
  }
}

function judgeSubscription(environment: EnvironmentDraft, at: Path, report: Report): void {
  const { manual, subscription } = environment.deploy ?? {};
  if (manual !== undefined) {
    report.error([...at, "manual"], "must not be there for type subscription: remove it");
  } else if ((subscription?.tag ?? "") === "") {
    report.error(
      [...at, "subscription", "tag"],
      "is required for type subscription: the tag to follow",
    );
  }
}

function judgeManual(environment: EnvironmentDraft, at: Path, report: Report): void {
  const { manual, subscription } = environment.deploy ?? {};
  if (subscription !== undefined) {
    report.error([...at, "subscription"], "must not be there for type manual: remove it");
  }
  if (manual !== undefined && (manual.tag ?? "") === "") {
    report.warning(
      [...at, "manual"],
      "has no tag, which upstream reads as an empty one: name a tag, or remove the block",
    );
  } else if (manual !== undefined) {
    report.warning(
      [...at, "manual", "tag"],
      "names a tag, which can move: it is resolved to a digest when somebody asks for the deploy",
    );
  }
}

function judgeStage(
  { environment, path }: PlacedEnvironment,
  stages: ReadonlySet<string>,
  report: Report,
): void {
  const { id, deploy } = environment;
  if (id === undefined || deploy?.type === undefined) {
    return;
  }
  const at = [...path, "deploy", "type"];
  if (stages.has(id) && deploy.type !== "rollout") {
    report.error(at, `must be rollout, not ${deploy.type}, because rollout.stages names ${id}`);
  }
  if (!stages.has(id) && deploy.type === "rollout") {
    report.error(at, `is rollout, but rollout.stages does not name ${id}: add it there`);
  }
}

function judgeStageCount({ rollout }: SpecDraft, report: Report): void {
  const isEmpty = (rollout?.stages ?? []).length === 0 && !isInvalid(rollout, "stages");
  if (rollout !== undefined && isEmpty) {
    report.error(["rollout", "stages"], "needs at least one stage: - environment: <id>");
  }
}

function judgeStages(draft: SpecDraft, report: Report): void {
  const stages = draft.rollout?.stages ?? [];
  const names = stages.map((stage) => stage?.environment);
  const ids = environmentsOf(draft).flatMap(({ environment }) => environment.id ?? []);
  for (const [index, id] of names.entries()) {
    const at = ["rollout", "stages", index, "environment"];
    if (id === undefined) {
      continue;
    }
    if (areIdsKnown(draft) && !ids.includes(id)) {
      report.error(
        at,
        `names ${show(id)}, which is no environment of this file${didYouMean(id, ids)}`,
      );
    }
    if (names.indexOf(id) < index) {
      report.error(
        at,
        `names ${id} a second time, but an environment has one place in the order: remove one of them`,
      );
    }
  }
}

/** Upstream deploys every stage to the region of the last one. */
function judgeRegions(draft: SpecDraft, report: Report): void {
  const stages = stagesOf(draft);
  const placed = environmentsOf(draft).filter(({ environment }) =>
    stages.includes(environment.id ?? ""),
  );
  const last = placed.find(({ environment }) => environment.id === stages.at(-1));
  const lastRegion = last?.environment.locations?.gcpRegion ?? REGION_DEFAULT;
  for (const { environment, path } of last === undefined ? [] : placed) {
    const region = environment.locations?.gcpRegion ?? REGION_DEFAULT;
    if (region !== lastRegion) {
      report.warning(
        [...path, "locations", "gcpRegion"],
        `is ${region}, but the last stage ${last?.environment.id} is in ${lastRegion}: upstream's pipeline would deploy to that region`,
      );
    }
  }
}
