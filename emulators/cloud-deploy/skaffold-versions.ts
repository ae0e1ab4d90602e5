/**
 * The Skaffold versions a release may ask for. Which ones the service supports changes over time.
 * Source: https://cloud.google.com/deploy/docs/using-skaffold/select-skaffold
 */
export const SKAFFOLD_VERSIONS: readonly string[] = ["2.14", "2.16"];

/** The version of a release that asks for none. */
export const DEFAULT_SKAFFOLD_VERSION = "2.16";
