import type { Compute } from "google-auth-library";

/**
 * The identity of whoever runs this, for endpoints that are not Google's own: that of the metadata server which
 * `GCE_METADATA_HOST` names, as a local cloud that checks its callers sets it. Null where there is none, and never a
 * person's own credentials, which are nothing for a stand-in.
 * Source: https://cloud.google.com/nodejs/docs/reference/gcp-metadata/latest
 */
export async function localIdentity(): Promise<Compute | null> {
  if ((process.env["GCE_METADATA_HOST"] ?? "") === "") {
    return null;
  }
  const library = await import("google-auth-library");
  return new library.Compute();
}
