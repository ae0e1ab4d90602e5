import { z } from "zod";

/*
 * What callers may say of resources, as far as the descriptors do not have it.
 * Source, also of the limits: https://cloud.google.com/deploy/docs/api/reference/rest
 */

/** How ids look. */
export const IDS = {
  pattern: /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/,
  rule: "1 to 63 lower-case letters, digits and hyphens, a letter first and no hyphen last",
};
const DESCRIPTION_MAX_CHARACTERS = 255;
const LABELS_MAX = 64;
const LABEL_MAX_BYTES = 128;

/** Source: https://google.aip.dev/128 and, for the total, Kubernetes, which it refers to. */
const ANNOTATION_KEY = /^([a-z0-9.-]{1,253}\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const ANNOTATIONS_MAX_BYTES = 256 * 1024;

function atMost(bytes: number): (text: string) => boolean {
  return (text) => Buffer.byteLength(text) <= bytes;
}

const Labels = z
  .record(
    z
      .string()
      .regex(/^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]*$/u)
      .refine(atMost(LABEL_MAX_BYTES)),
    z
      .string()
      .regex(/^[\p{Ll}\p{Lo}\p{N}_-]*$/u)
      .refine(atMost(LABEL_MAX_BYTES)),
  )
  .refine((labels) => Object.keys(labels).length <= LABELS_MAX, `More than ${LABELS_MAX} labels`);

/** What may be said of every resource. */
export const Said = z.object({
  description: z.string().max(DESCRIPTION_MAX_CHARACTERS).optional(),
  labels: Labels.optional(),
  annotations: z
    .record(z.string().regex(ANNOTATION_KEY), z.string())
    .refine((all) => atMost(ANNOTATIONS_MAX_BYTES)(Object.entries(all).flat().join("")))
    .optional(),
});

const Percentages = z
  .array(z.int().min(1).max(99))
  .min(1)
  .refine(
    (all) => all.every((one, at) => at === 0 || one > (all[at - 1] ?? 0)),
    "They must ascend",
  );

const Stage = z.object({
  targetId: z.string().regex(IDS.pattern, `A target's id must be ${IDS.rule}`),
  strategy: z
    .object({
      canary: z.object({ canaryDeployment: z.object({ percentages: Percentages }) }).optional(),
    })
    .optional(),
});

/** Of a pipeline. */
export const Pipeline = Said.extend({
  serialPipeline: z
    .object({
      stages: z
        .array(Stage)
        .refine(
          (stages) => new Set(stages.map(({ targetId }) => targetId)).size === stages.length,
          "A target must not be in a pipeline twice",
        )
        .optional(),
    })
    .optional(),
});

/** Source: https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.targets */
const EXECUTION_SECONDS_MIN = 10 * 60;
const EXECUTION_SECONDS_MAX = 24 * 60 * 60;

const Execution = z.object({
  usages: z.array(z.enum(["RENDER", "DEPLOY", "VERIFY", "PREDEPLOY", "POSTDEPLOY"])).min(1),
  serviceAccount: z
    .string()
    .regex(/^([a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com)?$/)
    .optional(),
  artifactStorage: z
    .string()
    .regex(/^(gs:\/\/[a-z0-9][a-z0-9._-]*[a-z0-9](\/.*)?)?$/)
    .optional(),
  executionTimeout: z
    .string()
    .refine((text) => {
      const seconds = Number.parseFloat(text);
      return seconds >= EXECUTION_SECONDS_MIN && seconds <= EXECUTION_SECONDS_MAX;
    }, "It must be from 10 minutes to 24 hours")
    .optional(),
});

/**
 * Of a target. Once there are any execution settings at all, each usage has one, and rendering and deploying are among them.
 * Source: the comments of `ExecutionConfig` in google/cloud/deploy/v1/cloud_deploy.proto
 */
export const Target = Said.extend({
  run: z.object({ location: z.string().regex(/^projects\/[^/]+\/locations\/[^/]+$/) }).optional(),
  customTarget: z
    .object({
      customTargetType: z
        .string()
        .regex(/^projects\/[^/]+\/locations\/[^/]+\/customTargetTypes\/[^/]+$/),
    })
    .optional(),
  executionConfigs: z
    .array(Execution)
    .refine((configs) => {
      const all = configs.flatMap(({ usages }) => usages);
      const hasBoth = all.includes("RENDER") && all.includes("DEPLOY");
      return configs.length === 0 || (hasBoth && new Set(all).size === all.length);
    }, "Each usage has one execution config, RENDER and DEPLOY among them")
    .optional(),
}).refine(
  ({ run, customTarget }) => (run === undefined) !== (customTarget === undefined),
  "A target needs exactly one of run and custom_target",
);

/** Of a custom target type. */
export const CustomTargetType = Said.extend({
  customActions: z.object({ deployAction: z.string().min(1) }),
});

/**
 * The Skaffold versions a release may ask for. Which ones the service supports changes over time.
 * Source: https://cloud.google.com/deploy/docs/using-skaffold/select-skaffold
 */
export const SKAFFOLD_VERSIONS = ["2.14", "2.16"] as const;

/** Of a release. */
export const Release = Said.extend({
  skaffoldConfigUri: z.string().regex(/^gs:\/\/[^/]+\/.+$/, "It must be gs://bucket/object"),
  skaffoldVersion: z.enum(SKAFFOLD_VERSIONS).optional(),
  buildArtifacts: z
    .array(z.object({ image: z.string().min(1), tag: z.string().min(1) }))
    .optional(),
});
