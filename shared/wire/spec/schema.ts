import { z } from "zod";
import { DeliverySection } from "./delivery-section.ts";
import { EnvironmentSection } from "./environment-section.ts";
import { MonitoringSection } from "./monitoring-section.ts";
import { RolloutSection } from "./rollout-section.ts";
import { BuildSection, ServiceSection } from "./service-section.ts";

/** More than anybody has: it bounds the work of comparing them, and the service's document. */
const ENVIRONMENTS_MAX = 20;

/**
 * A service.yaml: the specification of Sourcegraph's Managed Services Platform as its tooling accepts it, and
 * the key `delivery`. It holds the rule of each field; `rules/` holds those between fields.
 * Source: https://github.com/sourcegraph/sourcegraph-public-snapshot/tree/main/dev/managedservicesplatform/spec
 */
export const ServiceSpec = z
  .object({
    service: ServiceSection,
    build: BuildSection.prefault({}),
    environments: z
      .array(EnvironmentSection)
      .max(ENVIRONMENTS_MAX)
      .default([])
      .describe("Where the service runs."),
    monitoring: MonitoringSection.prefault({}),
    rollout: RolloutSection.optional(),
    delivery: DeliverySection.prefault({}),
  })
  .meta({
    title: "service.yaml",
    description: "A service, the environments it runs in, and how releases reach them.",
  });

/** A service.yaml with upstream's defaults filled in; what follows from a category is not. */
export type ServiceSpec = z.output<typeof ServiceSpec>;

/** What a service.yaml holds before defaults, or a part of it. */
type Written = z.input<typeof ServiceSpec>;

/** A value of which any part may be missing. */
export type Draft<Whole> = Whole extends readonly (infer Item)[]
  ? readonly (Draft<Item> | undefined)[]
  : Whole extends object
    ? { readonly [Key in keyof Whole]?: Draft<Whole[Key]> | undefined }
    : Whole;

/** The parts of a service.yaml whose own rules hold: what the rules between fields look at. */
export type SpecDraft = Draft<Written>;

/** The parts of an environment whose own rules hold. */
export type EnvironmentDraft = Draft<NonNullable<Written["environments"]>[number]>;

/** The parts of what an environment asks of promotions whose own rules hold. */
export type DeliveryDraft = Draft<z.input<typeof DeliverySection>>;

/** What one environment asks of promotions, as far as its own rules hold. */
export type DeliveryEnvironmentDraft = NonNullable<
  NonNullable<DeliveryDraft["environments"]>[string]
>;
