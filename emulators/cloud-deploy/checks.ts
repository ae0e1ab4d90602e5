import { badRequest } from "../kit/google-error.ts";
import type { Texts } from "./resources.ts";

/** Source, also of the limits: https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.deliveryPipelines */
export const IDS = {
  pattern: /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/,
  rule: "1 to 63 lower-case letters, digits and hyphens, a letter first and no hyphen last",
};
const DESCRIPTION_MAX_CHARACTERS = 255;
const LABELS_MAX = 64;
const LABEL_MAX_BYTES = 128;
const LABEL_KEY = /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]*$/u;
const LABEL_VALUE = /^[\p{Ll}\p{Lo}\p{N}_-]*$/u;

/** Source: https://google.aip.dev/128 and, for the total, Kubernetes, which it refers to. */
const ANNOTATION_KEY = /^([a-z0-9.-]{1,253}\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const ANNOTATIONS_MAX_BYTES = 256 * 1024;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const ZERO_UUID = /^[0-]+$/;

/** What callers may say of every resource. */
export type UserFields = {
  readonly description?: string;
  readonly labels?: Texts;
  readonly annotations?: Texts;
};

/** Checks description, labels and annotations. @throws GoogleError INVALID_ARGUMENT */
export function checkUserFields(draft: UserFields): void {
  if ((draft.description ?? "").length > DESCRIPTION_MAX_CHARACTERS) {
    throw badRequest(
      "description",
      `The description is longer than ${DESCRIPTION_MAX_CHARACTERS} characters`,
    );
  }
  checkLabels(draft.labels ?? {});
  checkAnnotations(draft.annotations ?? {});
}

/** Checks a request id, which must be a UUID but not all zeros. @throws GoogleError INVALID_ARGUMENT */
export function checkRequestId(requestId: string): void {
  if (!UUID.test(requestId) || ZERO_UUID.test(requestId)) {
    throw badRequest(
      "request_id",
      `Invalid request_id "${requestId}": it must be a UUID other than zero`,
    );
  }
}

/** A text that a request must have and that must not be empty. @throws GoogleError INVALID_ARGUMENT */
export function requiredText(value: string | undefined, field: string): string {
  if (value === undefined || value === "") {
    throw badRequest(field, `Missing required field ${field}`);
  }
  return value;
}

function checkLabels(labels: Texts): void {
  const entries = Object.entries(labels);
  if (entries.length > LABELS_MAX) {
    throw badRequest("labels", `More than ${LABELS_MAX} labels`);
  }
  for (const [key, value] of entries) {
    const isShort = [key, value].every((text) => Buffer.byteLength(text) <= LABEL_MAX_BYTES);
    if (!isShort || !LABEL_KEY.test(key) || !LABEL_VALUE.test(value)) {
      throw badRequest("labels", `Invalid label "${key}": "${value}"`);
    }
  }
}

function checkAnnotations(annotations: Texts): void {
  const entries = Object.entries(annotations);
  const badKey = entries.map(([key]) => key).find((key) => !ANNOTATION_KEY.test(key));
  if (badKey !== undefined) {
    throw badRequest("annotations", `Invalid annotation key "${badKey}"`);
  }
  const bytes = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key + value), 0);
  if (bytes > ANNOTATIONS_MAX_BYTES) {
    throw badRequest(
      "annotations",
      `The annotations are larger than ${ANNOTATIONS_MAX_BYTES} bytes`,
    );
  }
}
