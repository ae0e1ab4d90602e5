import { pickLocked, versionOf } from "./lock.ts";
import type { Lock } from "./lock.ts";
import { NODE_MAJOR } from "./runtime.ts";

/** The only package that is not in the bundle: bundled, it would have a second list of functions, without ours. */
export const FRAMEWORK = "@google-cloud/functions-framework";

/** The files by which npm knows the deployable, by name. */
export type ManifestFiles = Readonly<Record<"package.json" | "package-lock.json", string>>;

/**
 * The deployable's `package.json` and lockfile: what Google's buildpack reads. It starts `main`, takes the
 * runtime from `engines`, installs by the lockfile, and runs `gcp-build` last.
 * Source: https://github.com/GoogleCloudPlatform/buildpacks/tree/main/cmd/nodejs
 */
export function manifestFiles(of: {
  readonly lock: Lock;
  readonly version: string;
  /** Says which sources it was made of. */
  readonly sources: string;
}): ManifestFiles {
  const dependencies = { [FRAMEWORK]: versionOf(of.lock, FRAMEWORK) };
  const head = { name: "slipway-functions", version: of.version };
  const engines = { node: String(NODE_MAJOR) };
  const manifest = {
    ...head,
    private: true,
    license: "Apache-2.0",
    type: "module",
    main: "index.js",
    scripts: { "gcp-build": "node fill-compile-cache.js" },
    dependencies,
    engines,
    slipway: { sources: of.sources },
  };
  const lock = {
    ...head,
    lockfileVersion: of.lock.lockfileVersion,
    requires: true,
    packages: {
      "": { ...head, license: "Apache-2.0", dependencies, engines },
      ...pickLocked(of.lock, [FRAMEWORK]),
    },
  };
  return { "package.json": toText(manifest), "package-lock.json": toText(lock) };
}

function toText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
