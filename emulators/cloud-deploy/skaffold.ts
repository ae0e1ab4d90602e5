import { posix } from "node:path";

import { parseDocument } from "yaml";
import { z } from "zod";

import type { Files } from "./archive.ts";
import type { TargetRender } from "./resources.ts";

/** Why a target's render failed. */
export class RenderError extends Error {
  override readonly name = "RenderError";
  readonly failureCause: NonNullable<TargetRender["failureCause"]>;

  constructor(failureCause: RenderError["failureCause"], message: string) {
    super(message);
    this.failureCause = failureCause;
  }
}

/** A skaffold configuration with some profiles active. */
export type SkaffoldConfig = {
  /** The manifests' texts by path. */
  readonly manifests: ReadonlyMap<string, string>;
  /** The script of each custom action's container by the action's name; empty when it has none. */
  readonly customActions: ReadonlyMap<string, string>;
};

const DEFAULT_PATH = "skaffold.yaml";

/** What skaffold takes for manifests when a configuration names none. Source: https://skaffold.dev/docs/references/yaml/ */
const DEFAULT_MANIFESTS = ["k8s/*.yaml"];

/** What a profile replaces as a whole. */
const Part = z.object({
  manifests: z.looseObject({ rawYaml: z.array(z.string()).optional() }).optional(),
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
    .array(Part.extend({ name: z.string(), patches: z.array(z.unknown()).default([]) }))
    .default([]),
});

/**
 * Reads `skaffold.yaml` out of an archive, with the profiles of a stage, and collects the manifests
 * of `manifests.rawYaml`.
 * Source: https://skaffold.dev/docs/references/yaml/
 * @throws RenderError when it is not there, not valid, lacks a profile, or asks for kustomize or helm.
 */
export function readSkaffold(
  files: Files,
  { skaffoldConfigPath = "" }: { readonly skaffoldConfigPath?: string },
  profiles: readonly string[],
): SkaffoldConfig {
  const path = posix.normalize(skaffoldConfigPath === "" ? DEFAULT_PATH : skaffoldConfigPath);
  const config = readConfig(files, path);
  const chosen = profiles.map((name) => {
    const profile = config.profiles.find((one) => one.name === name);
    if (profile === undefined) {
      throw failed(`Could not find selected profile "${name}" in ${path}`);
    }
    if (profile.patches.length > 0) {
      throw notRendered(`the patches of profile "${name}"`);
    }
    return profile;
  });
  // Later profiles win, as on skaffold's command line.
  const manifests = [config, ...chosen].findLast((part) => part.manifests !== undefined)?.manifests;
  const actions = [config, ...chosen].findLast((part) => part.customActions !== undefined);
  return {
    manifests: readManifests(files, posix.dirname(path), manifests),
    customActions: new Map(
      actions?.customActions?.map(({ name, containers }) => [name, scriptOf(containers[0]?.args)]),
    ),
  };
}

function readConfig(files: Files, path: string): z.infer<typeof Config> {
  const text = files.get(path);
  if (text === undefined) {
    throw failed(`The archive has no ${path}`);
  }
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem !== undefined) {
    throw failed(`${path} is not valid YAML: ${problem.message}`);
  }
  const { data, error } = Config.safeParse(document.toJS());
  if (data === undefined) {
    const [issue] = error.issues;
    throw failed(
      `${path} is not a skaffold configuration: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`,
    );
  }
  return data;
}

function readManifests(
  files: Files,
  directory: string,
  manifests: z.infer<typeof Part>["manifests"],
): ReadonlyMap<string, string> {
  const foreign = Object.keys(manifests ?? {}).find((key) => key !== "rawYaml");
  if (foreign !== undefined) {
    throw notRendered(`manifests.${foreign}`);
  }
  const { rawYaml } = manifests ?? {};
  const found = (rawYaml ?? DEFAULT_MANIFESTS).map((pattern) => {
    const matching = [...files.entries()]
      .filter(([path]) => posix.matchesGlob(path, posix.join(directory, pattern)))
      .toSorted(([left], [right]) => (left < right ? -1 : 1));
    // Configurations of custom targets have no manifests at all, so only what is named must be there.
    if (rawYaml !== undefined && matching.length === 0) {
      throw failed(`The archive has no file that matches manifests.rawYaml "${pattern}"`);
    }
    return matching;
  });
  return new Map(found.flat());
}

/** A container that runs a shell with `-c` has its script as the argument after it. */
function scriptOf(args: readonly string[] = []): string {
  return args[args.indexOf("-c") + 1] ?? "";
}

function failed(message: string): RenderError {
  return new RenderError("EXECUTION_FAILED", message);
}

function notRendered(what: string): RenderError {
  return new RenderError("RENDER_FEATURE_NOT_SUPPORTED", `The emulator does not render ${what}`);
}
