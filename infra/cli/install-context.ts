import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { parseServiceSpec } from "../../shared/wire/spec/parse-service-spec.ts";
import type { ServiceSpec } from "../../shared/wire/spec/schema.ts";
import { createInstaller } from "../platform/create-installer.ts";
import { DEPLOY_FOLDER, readDeployable } from "../platform/deployable.ts";
import { withSpecs } from "../platform/from-specs.ts";
import { parseInstallation } from "../platform/installation-file.ts";
import type { Installer } from "../platform/installer.ts";
import { openGoogle } from "../platform/kinds/google.ts";
import type { Settings } from "../platform/settings.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { callerOf } from "./caller.ts";
import { localAccess } from "./local-access.ts";
import type { GlobalOptions } from "./options.ts";
import { printProblems } from "./problem-text.ts";
import { readSpecs } from "./spec-files.ts";

/** The options of every command that installs. */
export type InstallOptions = GlobalOptions & {
  readonly file: string;
  readonly deploy?: string;
  readonly takeOver?: boolean;
};

/** The file that describes an installation, unless another is named. */
export const FILE_DEFAULT = "slipway.yaml";

/** Adds the options of every command that installs. */
export function addInstallOptions(command: Command): Command {
  return command
    .option("--file <path>", "the file that describes the installation", FILE_DEFAULT)
    .option("--deploy <folder>", `what npm run build made (default: ${DEPLOY_FOLDER} of Slipway)`)
    .option(
      "--take-over",
      "continue what another version began, or reuse what a destroyed installation left",
    );
}

/**
 * Reads the settings of an installation: its file, and the specifications that it names.
 * @throws CliError when one cannot be read or used; what is wrong has been printed.
 */
export async function readInstallation(options: InstallOptions): Promise<Settings> {
  const text = await readText(options.file);
  const { installation, problems } = parseInstallation(text);
  if (installation === null) {
    printProblems(options.file, problems);
    throw new CliError(EXIT.refused, "", { problems });
  }
  const folder = dirname(options.file);
  const paths = installation.services.map((path) => join(folder, path));
  const files = paths.length === 0 ? [] : await readSpecs(paths);
  const specs = files.map(({ path, text: written }) => usable(path, written));
  return withSpecs(installation.settings, specs);
}

function usable(path: string, text: string): ServiceSpec {
  const { spec, problems } = parseServiceSpec(text);
  if (spec === null) {
    printProblems(path, problems);
    throw new CliError(EXIT.refused, "", { problems });
  }
  return spec;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    const message = `there is no ${path}: slipway install init writes one to begin with, or name another with --file`;
    throw new CliError(EXIT.usage, message);
  }
}

/** Opens what an installation is made with: on Google Cloud, or in the local cloud if it has the project. */
export async function openInstaller(options: InstallOptions): Promise<Installer> {
  const settings = await readInstallation(options);
  const deployable = await readDeployable(options.deploy ?? builtFolder());
  const local = await localAccess(settings.project);
  const endpoints = local?.endpoints ?? {};
  const localToken = local?.token ?? (() => Promise.resolve(null));
  return createInstaller({
    google: openGoogle({ endpoints, localToken, pause }),
    settings,
    deployable,
    caller: local?.caller ?? (await callerOf()),
    takesOver: options.takeOver === true,
    pause,
  });
}

async function pause(ms: number): Promise<void> {
  await sleep(ms);
}

/** The build's folder of this copy of Slipway. */
function builtFolder(): string {
  const here = import.meta.dirname;
  const root = here.endsWith(join("dist", "infra", "cli"))
    ? join(here, "..", "..", "..")
    : join(here, "..", "..");
  return join(root, DEPLOY_FOLDER);
}
