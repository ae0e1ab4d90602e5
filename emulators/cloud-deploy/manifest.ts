import { parseAllDocuments } from "yaml";
import { googleError } from "../kit/google-error.ts";
import { isRecord } from "../kit/json.ts";
import type { Texts } from "./resources.ts";

/** A resource of a manifest. */
export type Manifest = Readonly<Record<string, unknown>>;

/**
 * The resources of a YAML text, each `image` that has the name of an artifact replaced by it.
 * @throws GoogleError when the text is not valid.
 */
export function resourcesIn(
  path: string,
  text: string,
  artifacts: ReadonlyMap<string, string> = new Map(),
): readonly Manifest[] {
  const parsed = parseAllDocuments(text);
  const documents = Array.isArray(parsed) ? parsed : [];
  const problem = documents.flatMap(({ errors }) => errors)[0];
  if (problem !== undefined) {
    const reason = `${path} is not valid YAML: ${problem.message}`;
    throw googleError("FAILED_PRECONDITION", reason);
  }
  const reviver = (key: unknown, value: unknown): unknown =>
    key === "image" && typeof value === "string"
      ? (artifacts.get(withoutVersion(value)) ?? value)
      : value;
  const values: readonly unknown[] = documents.map((one) => one.toJS({ reviver }) as unknown);
  return values.filter(isRecord);
}

/** An image reference without its tag and digest; a port of the registry is no tag. */
export function withoutVersion(reference: string): string {
  const [beforeDigest = ""] = reference.split("@");
  return beforeDigest.replace(/:[^/:]*$/, "");
}

/** Whether a resource is a service or a job of Cloud Run. */
export function isDeployed({ apiVersion, kind }: Manifest): boolean {
  return kind === "Job"
    ? apiVersion === "run.googleapis.com/v1"
    : kind === "Service" && apiVersion === "serving.knative.dev/v1";
}

/** The name of a resource, or an empty text. */
export function resourceName({ metadata }: Manifest): string {
  return isRecord(metadata) && typeof metadata["name"] === "string" ? metadata["name"] : "";
}

/** The texts of a field, however deep they are. */
export function textsOf(value: unknown, field: string): readonly string[] {
  if (Array.isArray(value)) {
    return value.flatMap((element) => textsOf(element, field));
  }
  return isRecord(value)
    ? Object.entries(value).flatMap(([key, each]) =>
        key === field && typeof each === "string" ? [each] : textsOf(each, field),
      )
    : [];
}

/** A resource with labels in its metadata and, where it makes others, in theirs. */
export function labelled(resource: Manifest, labels: Texts): Manifest {
  const { spec } = resource;
  const own = withLabels(resource, labels);
  return isRecord(spec) && isRecord(spec["template"])
    ? { ...own, spec: { ...spec, template: withLabels(spec["template"], labels) } }
    : own;
}

function withLabels(resource: Manifest, labels: Texts): Manifest {
  const metadata = isRecord(resource["metadata"]) ? resource["metadata"] : {};
  const own = isRecord(metadata["labels"]) ? metadata["labels"] : {};
  return { ...resource, metadata: { ...metadata, labels: { ...own, ...labels } } };
}
