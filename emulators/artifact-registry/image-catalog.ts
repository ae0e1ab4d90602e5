import type { CatalogImage, ImageCatalog, ImagePlatforms } from "../kit/image-catalog.ts";
import { findImage, findVersion, tagsOf } from "./images.ts";
import type { ImageSettings } from "./manifest.ts";
import { parseReference } from "./image-names.ts";
import type { Package, Registry, Version } from "./state.ts";

/**
 * Looks up what was pushed. Of a tag and a digest together the digest counts, and without either the
 * tag `latest`, as everywhere images are named.
 */
export function openImageCatalog(registry: Registry): ImageCatalog {
  return {
    find: (reference) => {
      const parsed = parseReference(reference);
      const image = parsed === null ? null : findImage(registry, parsed);
      if (parsed === null || image === null) {
        return null;
      }
      const version = findVersion(image.held, parsed.digest ?? parsed.tag ?? "latest");
      return version === null ? null : toCatalogImage(image.held, version);
    },
  };
}

function toCatalogImage(held: Package, version: Version): CatalogImage {
  const settings = settingsOf(held, version);
  return {
    digest: version.digest,
    tags: tagsOf(held, version.digest),
    config: { env: [...(settings?.env ?? [])], labels: { ...settings?.labels } },
    runsOn: platformsOf(version),
  };
}

/** What is attached to an index stands among its children, for no platform. */
function platformsOf({ settings, children, mediaType }: Version): ImagePlatforms | undefined {
  const own = settings?.platform ?? null;
  if (own !== null) {
    return { platforms: [own], index: null };
  }
  const platforms = children
    .filter(({ os }) => os !== "" && os !== "unknown")
    .map(({ os, architecture }) => `${os}/${architecture}`);
  return platforms.length === 0 ? undefined : { platforms, index: mediaType };
}

/** An index has no configuration; that of its child for linux/amd64, or of its first, stands for it. */
function settingsOf(held: Package, version: Version): ImageSettings | null {
  const { settings, children } = version;
  const [first] = children;
  const usual = children.find(({ os, architecture }) => os === "linux" && architecture === "amd64");
  const child = held.versions.get((usual ?? first)?.digest ?? "");
  return settings ?? child?.settings ?? null;
}
