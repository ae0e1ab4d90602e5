import { invalidField } from "./names.ts";
import type { Labels } from "./resources.ts";

const ENTRIES_MAX = 64;
const CHARACTERS_MAX = 63;
const KEY = /^[a-z][a-z0-9_-]*$/;
const VALUE = /^[a-z0-9_-]*$/;

/**
 * Checks the user labels of a policy or a channel. Only ASCII passes, so characters are bytes.
 * Source: google/monitoring/v3/alert.proto, AlertPolicy.user_labels
 * @throws GoogleError INVALID_ARGUMENT
 */
export function checkUserLabels(labels: Labels | undefined): void {
  const entries = Object.entries(labels ?? {});
  if (entries.length > ENTRIES_MAX) {
    throw invalidField("user_labels", entries.length, `at most ${ENTRIES_MAX} are allowed`);
  }
  for (const [key, value] of entries) {
    if (!KEY.test(key) || key.length > CHARACTERS_MAX) {
      throw invalidField(
        "user_labels",
        key,
        `a key has at most ${CHARACTERS_MAX} lowercase letters, numerals, underscores and dashes, a letter first`,
      );
    }
    if (!VALUE.test(value) || value.length > CHARACTERS_MAX) {
      throw invalidField(
        "user_labels",
        value,
        `a value has at most ${CHARACTERS_MAX} lowercase letters, numerals, underscores and dashes`,
      );
    }
  }
}
