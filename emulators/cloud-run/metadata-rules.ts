import { badRequest } from "../kit/google-error.ts";
import type { Pairs } from "./wire.ts";

/** Namespaces that v2 has fields for, so that it refuses them as labels and annotations. */
const SYSTEM_KEY =
  /^(?:run\.googleapis\.com|cloud\.googleapis\.com|(?:serving|autoscaling)\.knative\.dev)(?:\/|$)/;

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
  return Object.fromEntries(Object.entries(pairs).filter(([key]) => !SYSTEM_KEY.test(key)));
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

/**
 * Checks labels and annotations: no system namespace, Google's rules for labels, and Kubernetes' limit of size.
 * Source: https://cloud.google.com/run/docs/configuring/services/labels and
 * https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services
 * @throws GoogleError INVALID_ARGUMENT that names the label or annotation.
 */
export function checkMetadata(
  field: string,
  { labels = {}, annotations = {} }: { readonly labels?: Pairs; readonly annotations?: Pairs },
): void {
  const { length } = Object.keys(labels);
  if (length > LABELS_MAX) {
    const message = `There are ${length} labels, and at most ${LABELS_MAX} allowed`;
    throw badRequest(`${field}.labels`, message);
  }
  checkKeys(`${field}.labels`, labels);
  for (const [key, value] of Object.entries(labels)) {
    const [part, text] = LABEL_KEY.test(key) ? ["value", value] : ["key", key];
    if (part === "key" || !LABEL_VALUE.test(value)) {
      throw badRequest(`${field}.labels.${key}`, `"${text}" is not a valid label ${part}`);
    }
  }
  checkKeys(`${field}.annotations`, annotations);
  if (Buffer.byteLength(Object.entries(annotations).flat().join("")) > ANNOTATIONS_MAX_BYTES) {
    const message = `Annotations must not be larger than ${ANNOTATIONS_MAX_BYTES} bytes`;
    throw badRequest(`${field}.annotations`, message);
  }
}

function checkKeys(field: string, pairs: Pairs): void {
  const key = Object.keys(pairs).find((one) => SYSTEM_KEY.test(one));
  if (key !== undefined) {
    throw badRequest(`${field}.${key}`, `"${key}" is in a namespace that is not allowed in v2`);
  }
}
