import { z } from "zod";

import { callOutside } from "./outside-call.ts";
import { restClient } from "./rest-client.ts";

/** Gives a public key as PEM. Throws TransientError or PermanentError when it cannot be read. */
export type PublicKeyReader = (key: string) => Promise<string>;

const PublicKey = z.object({ pem: z.string() });

/**
 * Public keys: those that are PEM already, and those in Cloud KMS by `gcpkms://` and a version's name.
 * Source: https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys.cryptoKeyVersions/getPublicKey
 */
export function publicKeyReader(options: { readonly endpoint: string | null }): PublicKeyReader {
  const call = restClient({
    ...options,
    service: "https://cloudkms.googleapis.com",
    scope: "https://www.googleapis.com/auth/cloudkms",
  });
  return async (key) => {
    if (!key.startsWith("gcpkms://")) {
      return key;
    }
    const name = key.slice("gcpkms://".length).replace(/\/versions\//, "/cryptoKeyVersions/");
    return callOutside(
      key,
      async () => PublicKey.parse(await call({ path: `/v1/${name}/publicKey` })).pem,
    );
  };
}
