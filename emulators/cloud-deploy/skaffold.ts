import { posix } from "node:path";

import { parseAllDocuments } from "yaml";

import { isRecord } from "../kit/json.ts";
import type { RenderFailureCause } from "./configuration.ts";
import type { Files } from "./archive.ts";

/** Why a target's render failed. */
export class RenderError extends Error {
  override readonly name = "RenderError";
  readonly failureCause: RenderFailureCause;

  constructor(failureCause: RenderFailureCause, message: string) {
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
  readonly hasVerify: boolean;
};

type Fields = Readonly<Record<string, unknown>>;

const DEFAULT_PATH = "skaffold.yaml";

/** What skaffold takes for manifests when a configuration names none. Source: https://skaffold.dev/docs/references/yaml/ */
const DEFAULT_MANIFESTS = ["k8s/*.yaml"];

/** The parts of a configuration that a profile replaces as a whole. */
const PROFILE_PARTS: ReadonlySet<string> = new Set([
  "manifests",
  "verify",
  "customActions",
  "deploy",
]);

/**
 * Reads `skaffold.yaml` out of an archive, with the profiles of a stage, and collects the manifests
 * of `manifests.rawYaml`. A file may hold several configurations; their manifests come one after the other.
 * Source: https://skaffold.dev/docs/references/yaml/
 * @throws RenderError when it is not there, not valid, lacks a profile, or asks for kustomize or helm.
 */
export function readSkaffold(
  files: Files,
  path: string | undefined,
  profiles: readonly string[],
): SkaffoldConfig {
  const configPath = posix.normalize(path === undefined || path === "" ? DEFAULT_PATH : path);
  const configs = readConfigs(files, configPath);
  const known = new Set(
    configs.flatMap((config) => listOf(config["profiles"]).map((profile) => profile["name"])),
  );
  const unknown = profiles.find((profile) => !known.has(profile));
  if (unknown !== undefined) {
    throw new RenderError(
      "EXECUTION_FAILED",
      `Could not find selected profile "${unknown}" in ${configPath}`,
    );
  }
  const active = configs.map((config) => activate(config, profiles));
  const directory = posix.dirname(configPath);
  return {
    manifests: new Map(active.flatMap((config) => [...readManifests(files, directory, config)])),
    customActions: new Map(
      active.flatMap((config) =>
        listOf(config["customActions"]).map(
          (action) => [String(action["name"]), scriptOf(action)] as const,
        ),
      ),
    ),
    hasVerify: active.some((config) => listOf(config["verify"]).length > 0),
  };
}

function readConfigs(files: Files, path: string): readonly Fields[] {
  const text = files.get(path);
  if (text === undefined) {
    throw new RenderError("EXECUTION_FAILED", `The archive has no ${path}`);
  }
  const configs = parseDocuments(path, text);
  for (const config of configs) {
    const isSkaffold =
      config["kind"] === "Config" && /^skaffold\/v\w+$/.test(String(config["apiVersion"]));
    if (!isSkaffold) {
      throw new RenderError(
        "EXECUTION_FAILED",
        `${path} is not a skaffold configuration: check apiVersion and kind`,
      );
    }
  }
  if (configs.length === 0) {
    throw new RenderError("EXECUTION_FAILED", `${path} is empty`);
  }
  return configs;
}

function parseDocuments(path: string, text: string): readonly Fields[] {
  const documents = parseAllDocuments(text);
  const parsed = Array.isArray(documents) ? documents : [];
  const problem = parsed.flatMap((document) => document.errors)[0];
  if (problem !== undefined) {
    throw new RenderError("EXECUTION_FAILED", `${path} is not valid YAML: ${problem.message}`);
  }
  const values: readonly unknown[] = parsed.map((document) => document.toJS() as unknown);
  return values.filter(isRecord);
}

/** Later profiles win, as on skaffold's command line. */
function activate(config: Fields, profiles: readonly string[]): Fields {
  const chosen = profiles.flatMap((name) =>
    listOf(config["profiles"]).filter((profile) => profile["name"] === name),
  );
  const patched = chosen.find((profile) => listOf(profile["patches"]).length > 0);
  if (patched !== undefined) {
    throw new RenderError(
      "RENDER_FEATURE_NOT_SUPPORTED",
      `The emulator does not apply the patches of profile "${String(patched["name"])}"`,
    );
  }
  const parts = chosen.flatMap((profile) =>
    Object.entries(profile).filter(([key]) => PROFILE_PARTS.has(key)),
  );
  return { ...config, ...Object.fromEntries(parts) };
}

function readManifests(
  files: Files,
  directory: string,
  config: Fields,
): ReadonlyMap<string, string> {
  const manifests = isRecord(config["manifests"]) ? config["manifests"] : undefined;
  const foreign = Object.keys(manifests ?? {}).find((key) => key !== "rawYaml");
  if (foreign !== undefined) {
    throw new RenderError(
      "RENDER_FEATURE_NOT_SUPPORTED",
      `The emulator renders manifests.rawYaml, not manifests.${foreign}`,
    );
  }
  const rawYaml = manifests?.["rawYaml"];
  if (rawYaml === undefined) {
    // Configurations of custom targets have no manifests at all, so finding none is no error here.
    return matchFiles(files, directory, DEFAULT_MANIFESTS);
  }
  const patterns = (Array.isArray(rawYaml) ? rawYaml : [rawYaml]).map(String);
  for (const pattern of patterns) {
    if (matchFiles(files, directory, [pattern]).size === 0) {
      throw new RenderError(
        "EXECUTION_FAILED",
        `The archive has no file that matches manifests.rawYaml "${pattern}"`,
      );
    }
  }
  return matchFiles(files, directory, patterns);
}

function matchFiles(
  files: Files,
  directory: string,
  patterns: readonly string[],
): ReadonlyMap<string, string> {
  const found = patterns.flatMap((pattern) => {
    const expression = toExpression(posix.join(directory, pattern));
    return [...files]
      .filter(([path]) => expression.test(path))
      .toSorted(([left], [right]) => (left < right ? -1 : 1));
  });
  return new Map(found);
}

/** `*` stands for anything but a slash, `**` for anything. */
function toExpression(pattern: string): RegExp {
  const parts = pattern.split(/(\*\*\/?|\*|\?)/).map((part) => {
    if (part.startsWith("**")) {
      return ".*";
    }
    if (part === "*" || part === "?") {
      return part === "*" ? "[^/]*" : "[^/]";
    }
    return part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`);
}

/** A container that runs a shell with `-c` has its script as the argument after it. */
function scriptOf(action: Fields): string {
  const [container] = listOf(action["containers"]);
  const args: unknown = container?.["args"];
  const words = Array.isArray(args) ? args.map(String) : [];
  return words[words.indexOf("-c") + 1] ?? "";
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
