import { stringify } from "yaml";
import type { Environment, Service } from "../../shared/domain/service.ts";
import type { ServiceSpec } from "../../shared/wire/spec/schema.ts";
import { toJobManifest } from "./job-manifest.ts";
import { toImageAction, toImageManifest } from "./image-change.ts";
import { placesOf } from "./place.ts";
import type { Place } from "./place.ts";
import { toServiceManifest } from "./service-manifest.ts";

/** A file of the archive: its path inside, and its text. */
export type RenderedFile = { readonly path: string; readonly text: string };

/** The oldest version of the configuration whose Cloud Run deployer Cloud Deploy documents. */
const SKAFFOLD_VERSION = "skaffold/v4beta7";

/**
 * What Cloud Deploy renders a release of: `skaffold.yaml` with a profile for each environment, and the manifest
 * that the profile activates. One revision of a specification always gives the same files.
 * Source: https://cloud.google.com/deploy/docs/deploy-app-run and https://skaffold.dev/docs/references/yaml/
 */
export function renderRelease(spec: ServiceSpec, service: Service): readonly RenderedFile[] {
  const manifests = placesOf(spec, service).map((place) => ({
    path: manifestPath(place.environment),
    text: toYaml(toManifest(place)),
  }));
  return [{ path: "skaffold.yaml", text: toYaml(toSkaffold(service)) }, ...manifests];
}

/** The manifest of one environment. */
export function toManifest(place: Place): object {
  const { service, environment } = place;
  if (service.manages === "image") {
    return toImageManifest(service, environment);
  }
  return service.kind === "job" ? toJobManifest(place) : toServiceManifest(place);
}

/** The profile that a pipeline's stage names to deploy to an environment. */
export function profileOf(environment: Environment): string {
  return environment.id;
}

function toSkaffold(service: Service): object {
  return {
    apiVersion: SKAFFOLD_VERSION,
    kind: "Config",
    metadata: { name: service.id },
    deploy: { cloudrun: {} },
    ...(service.manages === "image" && { customActions: [toImageAction(service)] }),
    profiles: service.environments.map((environment) => ({
      name: profileOf(environment),
      manifests: { rawYaml: [manifestPath(environment)] },
    })),
  };
}

function manifestPath(environment: Environment): string {
  return `manifests/${environment.id}.yaml`;
}

/**
 * Skaffold reads YAML 1.1, to which a plain `yes` or `0777` is no text. Lines are not folded, because folded
 * ones are hard to compare.
 */
function toYaml(value: object): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, compat: "yaml-1.1" });
}
