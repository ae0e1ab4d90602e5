import { badRequest } from "../kit/google-error.ts";
import type { Pairs } from "./wire.ts";

/** Namespaces that v2 has fields for, so that it refuses them as labels and annotations. */
const SYSTEM_NAMESPACES = [
  "run.googleapis.com",
  "cloud.googleapis.com",
  "serving.knative.dev",
  "autoscaling.knative.dev",
];

/** By it gcloud asks for a new revision. It is version 1's own: version 2 takes no prefixed keys. */
export const NONCE = "client.knative.dev/nonce";

const DEPLOY_PREFIX = /^(?:deploy\.cloud\.google\.com\/|app\.kubernetes\.io\/(?=managed-by$))/;

const LABELS_MAX = 64;
const LABEL_KEY = /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u;
const LABEL_VALUE = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u;

/** Kubernetes' limit for all annotations of an object together, in bytes. */
const ANNOTATIONS_MAX_BYTES = 256 * 1024;

/** The labels or annotations that are the owner's own; version 2 takes no others. */
export function ownPairs(pairs: Pairs): Pairs {
  return Object.fromEntries(Object.entries(pairs).filter(([key]) => !isSystemKey(key)));
}

/**
 * The labels of a manifest as a service can have them. Those that Cloud Deploy puts on Kubernetes
 * resources, such as `deploy.cloud.google.com/release-id`, are `release-id` on Cloud Run, which takes
 * no prefixed keys.
 * Source: https://cloud.google.com/deploy/docs/labels-annotations
 */
export function ownLabels(labels: Pairs): Pairs {
  const own = Object.entries(ownPairs(labels)).filter(([key]) => key !== NONCE);
  return Object.fromEntries(own.map(([key, value]) => [key.replace(DEPLOY_PREFIX, ""), value]));
}

function isSystemKey(key: string): boolean {
  return SYSTEM_NAMESPACES.some(
    (namespace) => key === namespace || key.startsWith(`${namespace}/`),
  );
}

/**
 * Checks labels: Google's rules for labels, and no system namespace.
 * Source: https://cloud.google.com/run/docs/configuring/services/labels
 * @throws GoogleError INVALID_ARGUMENT that names the label.
 */
export function checkLabels(field: string, labels: Pairs | undefined): void {
  const entries = Object.entries(labels ?? {});
  if (entries.length > LABELS_MAX) {
    throw badRequest(
      field,
      `There are ${entries.length} labels, and at most ${LABELS_MAX} allowed`,
    );
  }
  for (const [key, value] of entries) {
    checkSystemKey(field, key);
    if (!LABEL_KEY.test(key)) {
      throw badRequest(`${field}.${key}`, `"${key}" is not a valid label key`);
    }
    if (!LABEL_VALUE.test(value)) {
      throw badRequest(`${field}.${key}`, `"${value}" is not a valid label value`);
    }
  }
}

/**
 * Checks annotations: no system namespace, and Kubernetes' limit of size.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services
 * @throws GoogleError INVALID_ARGUMENT that names the annotation.
 */
export function checkAnnotations(field: string, annotations: Pairs | undefined): void {
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    checkSystemKey(field, key);
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes > ANNOTATIONS_MAX_BYTES) {
    throw badRequest(field, `Annotations must not be larger than ${ANNOTATIONS_MAX_BYTES} bytes`);
  }
}

function checkSystemKey(field: string, key: string): void {
  if (isSystemKey(key)) {
    throw badRequest(`${field}.${key}`, `"${key}" is in a namespace that is not allowed in v2`);
  }
}
