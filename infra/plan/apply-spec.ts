import type { Service } from "../../shared/domain/service.ts";
import type { Problem } from "../../shared/wire/spec/problem.ts";
import { openCloud } from "../resources/cloud.ts";
import type { PlannedStep } from "../resources/step.ts";
import type { Installation } from "./installation.ts";
import { planSpec } from "./plan-spec.ts";

/** A step as it was done. */
export type AppliedStep = Omit<PlannedStep, "perform">;

/** What became of applying a specification. */
export type ApplyOutcome =
  /** Errors among the problems: nothing was touched. `lacks`: something that is named is not there. */
  | { readonly kind: "invalid"; readonly problems: readonly Problem[]; readonly lacks: boolean }
  /** Everything is as the specification asks; `isChanged` is false when it was so before. */
  | {
      readonly kind: "applied";
      readonly service: Service;
      readonly problems: readonly Problem[];
      readonly leftToTerraform: readonly string[];
      readonly steps: readonly AppliedStep[];
      readonly isChanged: boolean;
    };

/** An installation that wants to hear of each step when it is done. */
export type ReportingInstallation = Installation & {
  readonly report?: (step: AppliedStep) => void;
};

/**
 * Makes everything what a service.yaml asks for: bucket, archive, targets, pipelines and, last, the record by
 * which images are delivered. Whether it may be recorded is asked before anything is made. Doing it again changes
 * nothing; doing it after a failure goes on from there.
 * @throws TransientError or PermanentError when a step cannot be done; those before it are.
 */
export async function applySpec(
  installation: ReportingInstallation,
  text: string,
): Promise<ApplyOutcome> {
  const cloud = openCloud(installation.endpoints, installation.project);
  try {
    const plan = await planSpec(installation, cloud, text);
    const { service, problems, lacks, steps, leftToTerraform } = plan;
    if (service === null) {
      return { kind: "invalid", problems, lacks };
    }
    const applied: AppliedStep[] = [];
    for (const { perform, ...step } of steps) {
      await perform();
      applied.push(step);
      installation.report?.(step);
    }
    const isChanged = applied.some(({ action }) => action !== "unchanged");
    return { kind: "applied", service, problems, leftToTerraform, steps: applied, isChanged };
  } finally {
    await cloud.close();
  }
}
