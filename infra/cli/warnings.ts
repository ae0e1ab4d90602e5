/** What Google's library warns of where no metadata server answers. */
const NO_METADATA = "MetadataLookupWarning";

/**
 * Keeps that warning from being printed: on a machine that is not Google's there never is such a server, and whoever
 * has no credentials is told what to run. Other warnings are printed as ever.
 * Source: https://github.com/googleapis/google-cloud-node-core/tree/main/packages/gcp-metadata
 */
export function hideMetadataWarning(): void {
  const emit = process.emitWarning.bind(process);
  process.emitWarning = (...given: readonly unknown[]): void => {
    if (!given.includes(NO_METADATA)) {
      Reflect.apply(emit, process, given);
    }
  };
}
