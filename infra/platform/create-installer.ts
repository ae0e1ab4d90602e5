import { FUNCTION_NAMES } from "../../functions/names.ts";
import { VERSION } from "../version.ts";
import type { Deployable } from "./deployable.ts";
import type { Installer } from "./installer.ts";
import { googleDrivers } from "./kinds/drivers.ts";

/** What differs from one installer to the other. */
export type InstallerParts = Pick<
  Installer,
  "google" | "settings" | "caller" | "takesOver" | "pause"
> & {
  /** What the functions are made of. */
  readonly deployable: Deployable;
};

/** An installer of this copy of Slipway, with every function that it has. */
export function createInstaller({ deployable, ...parts }: InstallerParts): Installer {
  const { google, settings } = parts;
  return {
    ...parts,
    drivers: googleDrivers(google, settings.project, deployable.read),
    functions: FUNCTION_NAMES,
    bundleHash: deployable.hash,
    version: VERSION,
    now: () => Date.now(),
  };
}
