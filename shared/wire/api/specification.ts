import { z } from "zod";
import type { ApplyPlan } from "../../domain/apply-plan.ts";
import { specRevision } from "../../domain/ids.ts";
import type { Problem } from "../spec/problem.ts";
import type { Placement } from "../spec/to-service.ts";
import { boundedText } from "../text.ts";

/** How long a specification may be: more than what is kept of it may be, in characters. */
const SPECIFICATION_LENGTH_MAX = 262_144;
const ADDRESS_LENGTH_MAX = 1024;

const PlacementBody = z.strictObject({
  revision: z
    .string()
    .regex(/^[0-9a-f]{6}$/)
    .meta({ description: "Names what is deployed: the content address of what is rendered" }),
  source: boundedText(ADDRESS_LENGTH_MAX)
    .regex(/^gs:\/\/[a-z0-9._-]+\/.+$/)
    .meta({ description: "The archive that is rendered, in the installation's bucket" }),
  pipelineProject: boundedText()
    .min(1)
    .meta({ description: "The installation's own project, or that of the last stage" }),
  manages: z.enum(["service", "image"]),
});

/** `PUT /v1/services/{s}` */
export const ApplyBody = z
  .strictObject({
    specification: z
      .string()
      .max(SPECIFICATION_LENGTH_MAX)
      .meta({ description: "The text of service.yaml" }),
    placement: PlacementBody.optional().meta({
      description: "Where its resources are, as slipway apply made them; needed to apply",
    }),
    validateOnly: z.boolean().optional().meta({ description: "Only say what would change" }),
  })
  .refine(({ placement, validateOnly }) => placement !== undefined || validateOnly === true, {
    path: ["placement"],
    message: "is needed to apply: slipway apply makes the resources and sends it",
  });

/** `PUT /v1/services/{s}`, read. */
export type ApplyBody = z.infer<typeof ApplyBody>;

/** `DELETE /v1/services/{s}` */
export const RemovalQuery = z.object({
  validateOnly: z
    .enum(["true", "false"])
    .optional()
    .meta({ description: "Only say what would remain" }),
  reason: boundedText().min(1).optional(),
});

const ProblemView = z
  .object({
    severity: z.enum(["error", "warning"]),
    path: z.string(),
    line: z.number(),
    column: z.number(),
    message: z.string(),
  })
  .meta({ id: "Problem" });

const StepView = z
  .object({
    kind: z.enum(["service", "hold"]),
    name: z.string(),
    action: z.enum(["create", "update", "delete", "unchanged"]),
    changes: z.array(z.object({ field: z.string(), from: z.string(), to: z.string() })),
  })
  .meta({ id: "ApplyStep" });

/** What applying a specification changes, or would change. */
export const ApplyView = z
  .object({
    service: z.string(),
    revision: z.string().nullable().meta({ description: "Null where no placement was given" }),
    problems: z.array(ProblemView).meta({ description: "Warnings; errors are answered with 400" }),
    rights: z
      .array(z.string())
      .meta({ description: "What it changes of who may do what, and of what protects" }),
    steps: z.array(StepView),
  })
  .meta({ id: "Applied" });

/** What remains of a removed service. */
export const RemovalView = z
  .object({
    service: z.string(),
    remains: z.array(z.string()).meta({ description: "What Slipway does not remove" }),
  })
  .meta({ id: "Removed" });

/** The placement that a body names; null where it names none. */
export function toPlacement({ placement }: ApplyBody): Placement | null {
  if (placement === undefined) {
    return null;
  }
  const { pipelineProject, manages, source: sourceUri } = placement;
  return { pipelineProject, manages, sourceUri, revision: specRevision(placement.revision) };
}

/** A placement as a body names it. */
export function toPlacementBody(placement: Placement): z.input<typeof PlacementBody> {
  const { revision, sourceUri, pipelineProject, manages } = placement;
  return { revision, source: sourceUri, pipelineProject, manages };
}

/** What is told of an application. */
export function toApplyView(
  told: { readonly service: string; readonly revision: string | null },
  rights: readonly string[],
  about: { readonly problems: readonly Problem[]; readonly plan: ApplyPlan },
): z.output<typeof ApplyView> {
  return {
    ...told,
    problems: about.problems.map((problem) => ({ ...problem })),
    rights: [...rights],
    steps: about.plan.steps.map(({ changes, ...step }) => ({
      ...step,
      changes: changes.map((change) => ({ ...change })),
    })),
  };
}
