import type { Report } from "../problem.ts";
import type { SpecDraft } from "../schema.ts";
import { environmentsOf } from "./draft-environments.ts";
import type { PlacedEnvironment } from "./draft-environments.ts";

const SERVICE_KEYS = ["domain", "healthProbes", "authentication"] as const;
/** Keys of an older generation, which upstream's newest passes over. */
const OLD_SERVICE_KEYS = ["startupProbe", "livenessProbe"] as const;
const JOB_KEYS = ["schedule", "deadlineSeconds"] as const;

/** What only services or only jobs may have. */
export function judgeKind(draft: SpecDraft, report: Report): void {
  if (draft.service === undefined) {
    return;
  }
  const kind = draft.service.kind ?? "service";
  for (const placed of environmentsOf(draft)) {
    if (kind === "job") {
      judgeJob(placed, report);
    }
    if (kind === "service") {
      judgeService(placed, report);
    }
  }
}

function judgeJob({ environment, path }: PlacedEnvironment, report: Report): void {
  for (const key of SERVICE_KEYS.filter((name) => environment[name] !== undefined)) {
    report.error([...path, key], "is for services only: remove it, or set service.kind to service");
  }
  for (const key of OLD_SERVICE_KEYS.filter((name) => environment[name] !== undefined)) {
    report.warning([...path, key], "has no effect for a job: remove it");
  }
  if (environment.deploy?.type === "rollout") {
    report.error(
      [...path, "deploy", "type"],
      "must be manual or subscription for a job, not rollout",
    );
  }
  if (environment.instances?.scaling !== undefined) {
    report.error([...path, "instances", "scaling"], "is for services only: remove it");
  }
}

function judgeService({ environment, path }: PlacedEnvironment, report: Report): void {
  for (const key of JOB_KEYS.filter((name) => environment[name] !== undefined)) {
    report.error([...path, key], "is for jobs only: remove it, or set service.kind to job");
  }
}
