import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { openApi } from "./api.ts";
import { lookForArrival } from "./arrival.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { parseLength } from "./time-text.ts";
import { waitFor } from "./wait-for.ts";
import type { Waited } from "./wait-for.ts";

type Options = GlobalOptions & {
  readonly release: string;
  readonly timeout: string;
  readonly patient?: boolean;
};

/** A service, perhaps an environment, options without the global ones, and the command itself. */
type Words = [service: string, environment: string | undefined, own: unknown, command: Command];

/** `slipway wait`: for scripts, which go on when a release has arrived. */
export function waitCommand(): Command {
  return new Command("wait")
    .summary("wait until a release has reached an environment")
    .description(
      "Wait until a release has reached an environment, has failed on its way, or needs somebody. A release that is not there yet is waited for too.",
    )
    .argument("<service>", "the service's id")
    .argument("[environment]", "the environment's id; if left out, where new images go first")
    .requiredOption("--release <name>", "the release, by id, tag or digest")
    .option("--timeout <length>", "how long to wait, such as 30m", "30m")
    .option("--patient", "also wait for people: approvals, holds, promotions by hand")
    .addHelpText(
      "after",
      examples(
        "wait web --release 0123456789ab_42",
        "wait web prod --release sha256:6e0d… --timeout 2h --patient",
      ),
    )
    .addHelpText(
      "after",
      `
Exit codes: 0 it is there; 1 it failed or was refused; 2 the command was not understood;
3 nobody answered; 4 somebody must do something; 5 it was not there in time.`,
    )
    .action(async (...words: Words) => {
      const [service, environment, , command] = words;
      const options = command.optsWithGlobals<Options>();
      const timeoutMs = parseLength(options.timeout);
      const api = await openApi(options);
      const isJson = options.json === true;
      const wanted = { service, environment: environment ?? null, release: options.release };
      const waited = await waitFor({
        look: async () => lookForArrival(api, wanted),
        timeoutMs,
        isPatient: options.patient === true,
        now: Date.now,
        pause: async (lengthMs) => {
          await sleep(lengthMs);
        },
        report: (text) => {
          if (!isJson) {
            print({ text: "waits", tone: "waiting" }, `  ${text}`);
          }
        },
      });
      show(waited, isJson);
    });
}

const ENDS = {
  reached: { word: "there", tone: "good", exitCode: null, why: "" },
  failed: { word: "failed", tone: "bad", exitCode: EXIT.refused, why: "" },
  person: {
    word: "needs somebody",
    tone: "waiting",
    exitCode: EXIT.person,
    why: "somebody must do something: ",
  },
  late: { word: "late", tone: "bad", exitCode: EXIT.late, why: "not there in time: " },
} as const;

function show(waited: Waited, isJson: boolean): void {
  const { word, tone, exitCode, why } = ENDS[waited.kind];
  if (isJson) {
    const { kind, text, ...rest } = waited;
    printJson({ outcome: kind, summary: text, ...rest });
  } else {
    print({ text: word, tone }, `  ${waited.text}`);
    for (const line of waited.kind === "reached" ? [] : waited.advice) {
      print("  ", line);
    }
  }
  if (exitCode !== null) {
    throw new CliError(exitCode, isJson ? "" : `${why}${waited.text}`);
  }
}
