import { createHash } from "node:crypto";
import { googleError } from "../kit/google-error.ts";
import { parseSecretName } from "./names.ts";
import { type Policy, requireSecret, type SecretRecord, type SecretState } from "./state.ts";

/**
 * GetIamPolicy of a secret; empty until one is set.
 * @throws GoogleError NOT_FOUND
 */
export function getIamPolicy(state: SecretState, request: { readonly resource?: string }): Policy {
  return policyOf(requireSecret(state, parseSecretName(state.numbers, request.resource)));
}

/**
 * SetIamPolicy of a secret: replaces the whole policy.
 * Source: https://cloud.google.com/iam/docs/policies#etag
 * @throws GoogleError NOT_FOUND, ABORTED for an etag that is out of date
 */
export function setIamPolicy(
  state: SecretState,
  request: { readonly resource?: string; readonly policy?: Policy },
): Policy {
  const secret = requireSecret(state, parseSecretName(state.numbers, request.resource));
  const { etag = "", ...bindings } = request.policy ?? {};
  const before = policyOf(secret).etag ?? "";
  if (etag !== "" && etag !== before) {
    throw googleError(
      "ABORTED",
      "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff.",
    );
  }
  const policy = { version: 1, ...bindings, etag: etagAfter(secret, before) };
  state.secrets.set(secret.name, { ...secret, policy });
  return policy;
}

/** TestIamPermissions: every permission asked about; none for a secret that does not exist. */
export function testIamPermissions(
  state: SecretState,
  request: { readonly resource?: string; readonly permissions?: readonly string[] },
): { readonly permissions: readonly string[] } {
  const isThere = state.secrets.has(parseSecretName(state.numbers, request.resource));
  return { permissions: isThere ? (request.permissions ?? []) : [] };
}

function policyOf(secret: SecretRecord): Policy {
  return secret.policy ?? { version: 1, etag: etagAfter(secret, "") };
}

/** A policy's etag follows from the one before, so that no two in a row are the same. */
function etagAfter({ name }: SecretRecord, before: string): string {
  return createHash("sha256")
    .update(`${name}@${before}`)
    .digest()
    .subarray(0, 8)
    .toString("base64");
}
