import { parseAllDocuments, stringify } from "yaml";

import { isRecord } from "../kit/json.ts";
import type { Release, Texts } from "./resources.ts";
import { RenderError } from "./skaffold.ts";

/** What a manifest is rendered with. */
export type RenderInput = {
  readonly buildArtifacts: NonNullable<Release["buildArtifacts"]>;
  /** The labels that Cloud Deploy puts on everything it renders. */
  readonly labels: Texts;
};

type Fields = Readonly<Record<string, unknown>>;

/**
 * Renders manifests as Cloud Deploy does: images by name, labels on every resource.
 * @throws RenderError when a file is not valid YAML.
 */
export function renderManifests(
  manifests: ReadonlyMap<string, string>,
  { buildArtifacts, labels }: RenderInput,
): readonly Fields[] {
  const images = new Map(
    buildArtifacts.map(({ image = "", tag = "" }) => [withoutVersion(image), tag]),
  );
  return [...manifests]
    .flatMap(([path, text]) => resourcesIn(path, text))
    .map((resource) => substituteImages(resource, images))
    .filter(isRecord)
    .map((resource) => label(resource, labels));
}

/** The rendered resources as one YAML text. */
export function toYaml(resources: readonly Fields[]): string {
  return resources.map((resource) => stringify(resource)).join("---\n");
}

/** The resources of a YAML text. @throws RenderError when it is not valid. */
export function resourcesIn(path: string, text: string): readonly Fields[] {
  const parsed = parseAllDocuments(text);
  const documents = Array.isArray(parsed) ? parsed : [];
  const problem = documents.flatMap(({ errors }) => errors)[0];
  if (problem !== undefined) {
    throw new RenderError("EXECUTION_FAILED", `${path} is not valid YAML: ${problem.message}`);
  }
  const values: readonly unknown[] = documents.map((document) => document.toJS() as unknown);
  return values.filter(isRecord);
}

/** Whether a resource is a Cloud Run service. */
export function isRunService(resource: Fields): boolean {
  return resource["kind"] === "Service" && resource["apiVersion"] === "serving.knative.dev/v1";
}

/** Whether a resource is a Cloud Run job. */
export function isRunJob(resource: Fields): boolean {
  return resource["kind"] === "Job" && resource["apiVersion"] === "run.googleapis.com/v1";
}

/** The name of a resource, or an empty text. */
export function resourceName(resource: Fields): string {
  const metadata = resource["metadata"];
  return isRecord(metadata) && typeof metadata["name"] === "string" ? metadata["name"] : "";
}

/** Replaces the text of every field `image` whose name, without tag and digest, is an artifact's. */
function substituteImages(value: unknown, images: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) {
    return value.map((element) => substituteImages(element, images));
  }
  if (!isRecord(value)) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [
      key,
      key === "image" && typeof field === "string"
        ? (images.get(withoutVersion(field)) ?? field)
        : substituteImages(field, images),
    ]),
  );
}

/** An image reference without its tag and digest; a port of the registry is no tag. */
function withoutVersion(reference: string): string {
  const [beforeDigest = ""] = reference.split("@");
  return beforeDigest.replace(/:[^/:]*$/, "");
}

/** Labels a resource and, where it makes others, what it makes. */
function label(resource: Fields, labels: Texts): Fields {
  const metadata = withLabels(resource["metadata"], labels);
  const spec = resource["spec"];
  if (!isRecord(spec) || !isRecord(spec["template"])) {
    return { ...resource, metadata };
  }
  const template = {
    ...spec["template"],
    metadata: withLabels(spec["template"]["metadata"], labels),
  };
  return { ...resource, metadata, spec: { ...spec, template } };
}

function withLabels(metadata: unknown, labels: Texts): Fields {
  const fields = isRecord(metadata) ? metadata : {};
  return {
    ...fields,
    labels: { ...(isRecord(fields["labels"]) ? fields["labels"] : {}), ...labels },
  };
}
