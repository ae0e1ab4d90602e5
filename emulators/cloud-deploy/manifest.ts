import { type Document, isScalar, parse, parseAllDocuments, Scalar, stringify, visit } from "yaml";

import { isRecord } from "../kit/json.ts";
import type { BuildArtifact, Texts } from "./configuration.ts";
import { RenderError } from "./skaffold.ts";

/** What a manifest is rendered with. */
export type RenderInput = {
  readonly parameters: Texts;
  readonly buildArtifacts: readonly BuildArtifact[];
  /** The labels that Cloud Deploy puts on everything it renders. */
  readonly labels: Texts;
};

type Fields = Readonly<Record<string, unknown>>;

const PLACEHOLDER = /from-param:\s*(.+?)\s*$/;
const REFERENCE = /\$\{([^}]+)\}/g;

/**
 * Renders manifests as Cloud Deploy does: parameters where a comment `# from-param: ${name}` asks for
 * one, images by name, labels on every resource.
 * Source: https://cloud.google.com/deploy/docs/parameters
 * @throws RenderError when a file is not valid YAML.
 */
export function renderManifests(
  manifests: ReadonlyMap<string, string>,
  input: RenderInput,
): readonly Fields[] {
  return [...manifests].flatMap(([path, text]) => renderFile(path, text, input));
}

/** The rendered resources as one YAML text. */
export function toYaml(resources: readonly Fields[]): string {
  return resources.map((resource) => stringify(resource)).join("---\n");
}

/** The resources of a YAML text that `toYaml` made. */
export function fromYaml(text: string): readonly Fields[] {
  const documents = parseAllDocuments(text);
  const values: readonly unknown[] = Array.isArray(documents)
    ? documents.map((one) => one.toJS() as unknown)
    : [];
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

function renderFile(path: string, text: string, input: RenderInput): readonly Fields[] {
  const documents = parseAllDocuments(text);
  const parsed = Array.isArray(documents) ? documents : [];
  const problem = parsed.flatMap((document) => document.errors)[0];
  if (problem !== undefined) {
    throw new RenderError("EXECUTION_FAILED", `${path} is not valid YAML: ${problem.message}`);
  }
  return parsed.flatMap((document) => {
    substituteParameters(document, input.parameters);
    const resource: unknown = document.toJS();
    return isRecord(resource) ? [render(resource, input)] : [];
  });
}

function render(resource: Fields, input: RenderInput): Fields {
  const images = new Map(
    input.buildArtifacts.map(({ image, tag }) => [nameOf(image ?? ""), tag ?? ""]),
  );
  const withImages = substituteImages(resource, images);
  return isRecord(withImages) ? label(withImages, input.labels) : resource;
}

/** A placeholder whose parameter nobody set keeps the value that the manifest has. */
function substituteParameters(document: Document, parameters: Texts): void {
  visit(document, {
    Scalar: (_key, node) => {
      const template = PLACEHOLDER.exec(node.comment ?? "")?.[1];
      if (template !== undefined && isScalar(node) && isComplete(template, parameters)) {
        const text = template.replaceAll(
          REFERENCE,
          (_, name: string) => parameters[name.trim()] ?? "",
        );
        const isQuoted = node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE;
        node.value = isQuoted ? text : (parse(text) as unknown);
      }
    },
  });
}

function isComplete(template: string, parameters: Texts): boolean {
  return [...template.matchAll(REFERENCE)].every((match) =>
    Object.hasOwn(parameters, (match[1] ?? "").trim()),
  );
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
        ? (images.get(nameOf(field)) ?? field)
        : substituteImages(field, images),
    ]),
  );
}

/** An image reference without its tag and digest; a port of the registry is no tag. */
function nameOf(reference: string): string {
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
