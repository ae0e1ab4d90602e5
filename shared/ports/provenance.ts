import type { Digest } from "../domain/ids.ts";
import type { ProvenanceTrust, ProvenanceVerdict } from "../domain/provenance.ts";

/** Verifies images by the signatures and attestations that lie beside them. */
export type Provenance = {
  /**
   * What the signatures of an image say to those who trust these keys and identities.
   * @throws TransientError or PermanentError when the registry, or a key, cannot be read.
   */
  readonly verify: (
    image: { readonly repository: string; readonly digest: Digest },
    trust: ProvenanceTrust,
  ) => Promise<ProvenanceVerdict>;
};
