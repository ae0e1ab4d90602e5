import { posix } from "node:path";
import { z } from "zod";
import { googleError } from "../kit/google-error.ts";
import type { Files } from "./archive.ts";
import { resourcesIn } from "./manifest.ts";
import type { Release, Stage } from "./resources.ts";

/** A skaffold configuration with some profiles active. */
export type SkaffoldConfig = {
  /** The manifests' paths and texts. */
  readonly manifests: readonly (readonly [path: string, text: string])[];
  /** The script of each custom action's container by the action's name; empty when it has none. */
  readonly customActions: ReadonlyMap<string, string>;
};

/** What a profile replaces as a whole. Kustomize and helm are not rendered. */
const Part = z.object({
  manifests: z.strictObject({ rawYaml: z.array(z.string()) }).optional(),
  customActions: z
    .array(
      z.object({
        name: z.string(),
        containers: z.array(z.object({ args: z.array(z.string()).default([]) })).default([]),
      }),
    )
    .optional(),
});

const Config = Part.extend({
  apiVersion: z.string().regex(/^skaffold\/v\w+$/),
  kind: z.literal("Config"),
  profiles: z
    .array(Part.extend({ name: z.string(), patches: z.undefined().optional() }))
    .default([]),
});

/**
 * Reads `skaffold.yaml` out of an archive, with the profiles of a stage.
 * Source: https://skaffold.dev/docs/references/yaml/
 * @throws GoogleError when it is not there, not valid, lacks a profile, or asks for patches, kustomize or helm.
 */
export function readSkaffold(
  files: Files,
  { skaffoldConfigPath = "" }: Release,
  { profiles = [] }: Stage,
): SkaffoldConfig {
  const path = posix.normalize(skaffoldConfigPath);
  const text = files.get(path) ?? refuse(`The archive has no ${path}`);
  const { data: config, error } = Config.safeParse(resourcesIn(path, text)[0]);
  if (config === undefined) {
    refuse(`${path} is no configuration that the emulator renders: ${z.prettifyError(error)}`);
  }
  const chosen = profiles.map((name) => {
    const profile = config.profiles.find((one) => one.name === name);
    return profile ?? refuse(`Could not find selected profile "${name}" in ${path}`);
  });
  // Later profiles win, as on skaffold's command line.
  const { manifests } = [config, ...chosen].findLast((part) => part.manifests !== undefined) ?? {};
  const { customActions = [] } =
    [config, ...chosen].findLast((part) => part.customActions !== undefined) ?? {};
  return {
    manifests: (manifests?.rawYaml ?? []).flatMap((pattern) => {
      const wanted = posix.join(posix.dirname(path), pattern);
      const found = [...files].filter(([file]) => posix.matchesGlob(file, wanted));
      return found.length > 0 ? found : refuse(`The archive has no file ${wanted}`);
    }),
    customActions: new Map(
      customActions.map(({ name, containers }) => [name, scriptOf(containers[0]?.args)]),
    ),
  };
}

/** A container that runs a shell with `-c` has its script as the argument after it. */
function scriptOf(args: readonly string[] = []): string {
  return args[args.indexOf("-c") + 1] ?? "";
}

/** Fails the render. */
export function refuse(message: string): never {
  throw googleError("FAILED_PRECONDITION", message);
}
