import { performance } from "node:perf_hooks";
import { StoreError } from "../../emulators/kit/store-file.ts";
import { EXIT } from "../cli/cli-error.ts";
import { print, printError } from "../cli/output.ts";
import { startLocal } from "../local.ts";
import { collectWhenResting } from "./idle-memory.ts";
import type { LocalCloud } from "./cloud.ts";
import { untilToldToEnd } from "./ending.ts";
import type { LocalSettings } from "./settings.ts";

/** The project of the first sample's prod, as its service.yaml names it. */
const SAMPLE_PROJECT = "msp-testbed-prod-41c7";

/** How `slipway start` was called. */
export type StartOptions = LocalSettings & { readonly isOnce: boolean };

/**
 * Runs the local cloud until it is interrupted, or its parent or terminal is gone; with `isOnce` until the sample has
 * been played. The process's exit code says whether that went well.
 */
export async function runStart(options: StartOptions): Promise<void> {
  const deployAgain = async (file: LocalCloud["file"]): Promise<void> => {
    const { deploySample } = await import("./once.ts");
    await deploySample(file, say);
  };
  const settings = options.isEmpty === true ? options : { ...options, afterReset: deployAgain };
  const cloud = await startLocal(settings, say).catch(giveUp);
  const stopped = untilToldToEnd();
  const readyMs = Math.round(performance.now());
  say(`the local cloud is ready after ${readyMs} ms`);
  collectWhenResting();
  try {
    if (options.isEmpty === true) {
      emptyBanner(cloud).forEach(say);
      await stopped;
      say("stopping");
    } else if (options.isOnce) {
      const { playOnce } = await import("./once.ts");
      await Promise.race([playOnce(cloud.file, say), stopped]);
    } else {
      const { deploySample } = await import("./once.ts");
      await deploySample(cloud.file, say);
      banner(cloud);
      await stopped;
      say("stopping");
    }
  } catch (error) {
    process.exitCode = 1;
    say(`failed: ${error instanceof Error ? error.message : String(error)}`);
  }
  await cloud.close();
}

function say(line: string): void {
  print(line);
}

/**
 * Says why there is no local cloud, and ends: what was begun already, servers and processes that wait for it, would
 * keep this one.
 */
function giveUp(error: unknown): never {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  printError(error instanceof StoreError ? error.message : reason);
  process.exit(EXIT.refused);
}

function emptyBanner({ file }: LocalCloud): readonly string[] {
  return [
    "",
    `  ${file.project} has nothing in it. Who sends no token is ${file.owner}, its owner.`,
    "",
    `  a file to begin with:   npx slipway install init ${file.project} --location ${file.location}`,
    `                          name ${file.api} under audiences in it, since the local tokens are for it`,
    "  what would be made:     npx slipway install plan",
    "  make it:                npm run build && npx slipway install apply",
    "",
    "  Ctrl-C ends it.",
  ];
}

function banner({ file }: LocalCloud): void {
  const registry = (file.endpoints["registry"] ?? "").replace("http://", "");
  const image = `${registry}/${file.project}/apps/msp-example`;
  const lines = [
    "",
    `  pages       ${file.dashboard}`,
    `  Slack       ${file.endpoints["slack"] ?? ""}   (the channels, as each of its people sees them)`,
    `  GitHub      ${file.endpoints["github"] ?? ""}   (what is told of each commit)`,
    `  address     ${file.address}   (leads to everything below: eval "$(npx slipway env)")`,
    `  API         ${file.api}   (description: ${file.api}/openapi.json)`,
    ...Object.entries(file.endpoints).map(([name, address]) => `  ${name.padEnd(17)} ${address}`),
    "",
    "  everything, with tokens, is in .slipway/local.json; the functions log to .slipway/functions.log",
    "",
    "  push an image:   skopeo copy --dest-tls-verify=false docker-archive:image.tar \\",
    `                     docker://${image}:0123456789ab_43`,
    "  promote it:      npx slipway promote msp-testbed prod",
    "  what is where:   npx slipway status",
    "  why not:         npx slipway explain msp-testbed prod",
    "",
    "  open an incident; prod waits until you close it:",
    `                   npx slipway local incident open ${SAMPLE_PROJECT}`,
    "",
    "  Ctrl-C ends it.",
  ];
  lines.forEach(say);
}
