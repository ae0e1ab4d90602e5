import { idOf } from "../kit/collection-names.ts";
import type { ImageCatalog, ImagePlatforms } from "../kit/image-catalog.ts";
import { findVersion, tagsByVersion } from "./changes.ts";
import type { ImageSettings } from "./manifest.ts";
import { packageAt, packageOf } from "./names.ts";
import type { Held, Registry, Version } from "./state.ts";

const REFERENCE = /^([^/]+\/[^:@]+)(?::([^@]+))?(?:@(.+))?$/;

/**
 * Looks up what was pushed. Of a tag and a digest together the digest counts, and without either the
 * tag `latest`, as everywhere images are named.
 */
export function openImageCatalog(registry: Registry): ImageCatalog {
  return {
    find: (reference) => {
      const [, path = "", tag = "latest", digest = tag] = REFERENCE.exec(reference) ?? [];
      const version = findVersion(registry, packageAt(path) ?? "", digest);
      if (version === null) {
        return null;
      }
      const settings = settingsOf(registry, version);
      return {
        digest: idOf(version.name),
        tags: tagsByVersion(registry)(version.name).map(idOf),
        config: { env: [...(settings?.env ?? [])], labels: { ...settings?.labels } },
        runsOn: platformsOf(version),
      };
    },
  };
}

/** What is attached to an index stands among its children, for no platform. */
function platformsOf({ hidden, metadata }: Held<Version>): ImagePlatforms | undefined {
  const { settings, children } = hidden;
  const own = settings?.platform ?? null;
  if (own !== null) {
    return { platforms: [own], index: null };
  }
  const platforms = children
    .filter(({ os }) => os !== "" && os !== "unknown")
    .map(({ os, architecture }) => `${os}/${architecture}`);
  return platforms.length === 0 ? undefined : { platforms, index: metadata.mediaType };
}

/** An index has no configuration; that of its child for linux/amd64, or of its first, stands for it. */
function settingsOf(registry: Registry, { name, hidden }: Held<Version>): ImageSettings | null {
  const { settings, children } = hidden;
  const usual = children.find(({ os, architecture }) => os === "linux" && architecture === "amd64");
  const digest = (usual ?? children[0])?.digest ?? "";
  return settings ?? findVersion(registry, packageOf(name), digest)?.hidden.settings ?? null;
}
