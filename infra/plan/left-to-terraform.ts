import type { EnvironmentSpec } from "../render/place.ts";
import type { Service } from "../../shared/domain/service.ts";
import type { ServiceSpec } from "../../shared/wire/spec/schema.ts";

/** A key of the specification that Slipway reads and gives no effect, and whether the file has it. */
type Left<Holder> = readonly [string, (holder: Holder) => boolean];

/** What the key says when it is left out. */
const FIRST_TAG = "insiders";

const OF_SERVICE: readonly Left<ServiceSpec>[] = [
  ["service.iam", ({ service }) => service.iam !== undefined],
  [
    "rollout.initialImageTag",
    ({ rollout }) => (rollout?.initialImageTag ?? FIRST_TAG) !== FIRST_TAG,
  ],
  ["monitoring.nobl9", ({ monitoring }) => monitoring.nobl9 === true],
];

const OF_ENVIRONMENT: readonly Left<EnvironmentSpec>[] = [
  ["locations.gcpLocation", ({ locations }) => locations.gcpLocation.toLowerCase() !== "us"],
  ["domain", ({ domain }) => domain?.type === "cloudflare"],
  ["resources.redis", ({ resources }) => resources?.redis !== undefined],
  ["resources.postgreSQL", ({ resources }) => resources?.postgreSQL !== undefined],
  ["resources.bigQueryDataset", ({ resources }) => resources?.bigQueryDataset !== undefined],
  ["alerting", ({ alerting, category }) => alerting.opsgenie !== (category !== "test")],
  ["allowDestroys", ({ allowDestroys }) => allowDestroys],
];

/** What Terraform keeps where a release changes the image alone. */
const ALERTS: Left<ServiceSpec> = [
  "monitoring.alerts",
  ({ monitoring }) => hasContent(monitoring.alerts),
];

/** What a release does not show where it changes the image alone. */
const BESIDE_THE_IMAGE: readonly Left<EnvironmentSpec>[] = [
  ["instances", () => true],
  ["env", ({ env }) => hasContent(env)],
  ["secretEnv", ({ secretEnv }) => hasContent(secretEnv)],
  ["secretVolumes", ({ secretVolumes }) => hasContent(secretVolumes)],
  ["healthProbes", ({ healthProbes }) => healthProbes !== undefined],
  ["authentication", ({ authentication }) => authentication !== undefined],
  ["deadlineSeconds", ({ deadlineSeconds }) => deadlineSeconds !== undefined],
  ["schedule", ({ schedule }) => schedule !== undefined],
];

/**
 * The keys that the file has and that Slipway leaves to Terraform, each once. What only describes the service
 * (owners, its page) is in nobody's way and not among them.
 */
export function leftToTerraform(spec: ServiceSpec, { manages }: Service): readonly string[] {
  const ofEnvironment =
    manages === "image" ? [...OF_ENVIRONMENT, ...BESIDE_THE_IMAGE] : OF_ENVIRONMENT;
  const ofService = manages === "image" ? [...OF_SERVICE, ALERTS] : OF_SERVICE;
  return [
    ...ofService.filter(([, has]) => has(spec)),
    ...ofEnvironment.filter(([, has]) => spec.environments.some((environment) => has(environment))),
  ].map(([key]) => key);
}

function hasContent(value: object | undefined): boolean {
  return Object.values(value ?? {}).some(
    (part: unknown) => !Array.isArray(part) || part.length > 0,
  );
}
