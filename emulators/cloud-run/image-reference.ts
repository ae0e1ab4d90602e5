import type { CatalogImage, ImageCatalog } from "../kit/image-catalog.ts";
import { imageDigestFor } from "./identity.ts";
import type { RunningImage } from "./state.ts";
import type { Container } from "./wire.ts";

/** The parts of `host/project/repository/image[:tag][@digest]`. */
type ImageReference = {
  readonly repository: string;
  readonly tag: string | null;
  readonly digest: string | null;
};

const REFERENCE =
  /^(?<repository>[^@]+?)(?::(?<tag>[^/:@]+))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;

/** Splits an image reference; text of another form is taken as a repository. */
function parseImage(reference: string): ImageReference {
  const groups = REFERENCE.exec(reference)?.groups ?? {};
  return {
    repository: groups["repository"] ?? reference,
    tag: groups["tag"] ?? null,
    digest: groups["digest"] ?? null,
  };
}

/**
 * Resolves an image to its digest, once and for ever. A reference without tag or digest means the tag
 * `latest`. Without a catalog every image exists; its digest is the one given, or made from the text.
 * Null when the catalog has no such image.
 * Source: https://cloud.google.com/artifact-registry/docs/integrate-cloud-run
 */
export function resolveImage(catalog: ImageCatalog | null, reference: string): RunningImage | null {
  const parsed = parseImage(reference);
  const found = catalog === null ? inventImage(parsed, reference) : catalog.find(reference);
  if (found === null) {
    return null;
  }
  return {
    digest: found.digest,
    reference: `${parsed.repository}@${found.digest}`,
    tag: parsed.tag ?? found.tags[0] ?? null,
    env: toEnvironment(found.config.env),
    labels: found.config.labels,
    runsOn: found.runsOn,
  };
}

/** The container that answers requests: the only one, or the one with a port. */
export function ingressContainer(containers: readonly Container[] | undefined): Container {
  const [first, ...others] = containers ?? [];
  const withPort = [first, ...others].find((container) => (container?.ports ?? []).length > 0);
  return withPort ?? first ?? {};
}

function inventImage(parsed: ImageReference, reference: string): CatalogImage {
  const tags = parsed.tag === null ? [] : [parsed.tag];
  return {
    digest: parsed.digest ?? imageDigestFor(reference),
    tags,
    config: { env: [], labels: {} },
  };
}

function toEnvironment(entries: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    entries.map((entry) => {
      const at = entry.indexOf("=");
      return at < 0 ? [entry, ""] : [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}
