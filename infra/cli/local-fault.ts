import { Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import {
  FAULT_DELAY_MAX_MS,
  FAULT_EVERY_MAX,
  FAULT_TIMES_MAX,
  FaultView,
} from "../local/control/fault-request.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { askLocal } from "./local-control.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { printTable } from "./table.ts";
import { lengthText, parseLength } from "./time-text.ts";

type AddOptions = GlobalOptions & {
  readonly status?: string;
  readonly before?: true;
  readonly after?: true;
  readonly delay?: string;
  readonly times?: number;
  readonly every?: number;
};

type Words = [api: string, method: string, options: unknown, command: Command];
type WordsOrNone = [
  api: string | undefined,
  method: string | undefined,
  options: unknown,
  command: Command,
];

const Faults = z.object({ faults: z.array(FaultView) });

/** `slipway local fault`: calls of the local cloud's APIs, and messages to the functions, go wrong on purpose. */
export function localFaultCommand(): Command {
  return new Command("fault")
    .summary("have calls and messages go wrong")
    .description("Have calls of the local cloud's APIs, and messages to the functions, go wrong.")
    .addCommand(addCommand())
    .addCommand(listCommand())
    .addCommand(clearCommand());
}

function addCommand(): Command {
  return new Command("add")
    .summary("have a method of an API go wrong")
    .description(
      "Have a method of an API go wrong, over REST and gRPC alike: it is refused, lost or slow. `*` is every method.\n" +
        "The API `deliveries` has the messages that Pub/Sub pushes; its methods are the functions.",
    )
    .argument("<api>", "an API, as .slipway/local.json names it, such as cloudDeploy")
    .argument("<method>", "its method, such as CreateRelease")
    .option(
      "--status <status>",
      "answer with this status, such as UNAVAILABLE; if left out, the connection is lost",
    )
    .option("--before", "before anything was done (this is so if you say nothing)")
    .option("--after", "after it was done: only the answer is lost, or false")
    .option("--delay <length>", "wait so long first, such as 5s; alone, the call is only slow")
    .option(
      "--times <number>",
      "so often; if left out, until it is cleared",
      toCount(FAULT_TIMES_MAX),
    )
    .option(
      "--every <number>",
      "not each call, but every second (2), third (3) …",
      toCount(FAULT_EVERY_MAX),
    )
    .addHelpText(
      "after",
      examples(
        "local fault add cloudDeploy '*' --status UNAVAILABLE",
        "local fault add cloudDeploy CreateRollout --after --times 1",
        "local fault add firestore Commit --status ABORTED --every 2 --times 20",
        "local fault add deliveries on-deploy-notification --times 3",
      ),
    )
    .action(async (...words: Words) => {
      const [api, method, , command] = words;
      const options = command.optsWithGlobals<AddOptions>();
      const body = toRequest(api, method, options);
      const fault = await askLocal(FaultView, { method: "POST", path: "faults", body });
      if (options.json === true) {
        printJson(fault);
        return;
      }
      print(`${subject(fault)}: ${effect(fault)}, ${often(fault)}.`);
      print(`To see how often that was: slipway local fault list`);
      print(`To end it: slipway local fault clear ${fault.api} ${quoted(fault.method)}`);
    });
}

function toRequest(api: string, method: string, options: AddOptions): object {
  const { status = null, before, after, delay, times = null, every = 1 } = options;
  if (before === true && after === true) {
    throw new CliError(EXIT.usage, "either --before or --after: a call goes wrong once");
  }
  const delayMs = delay === undefined ? 0 : parseLength(delay);
  if (delayMs > FAULT_DELAY_MAX_MS) {
    const message = `--delay is at most ${lengthText(FAULT_DELAY_MAX_MS)}: no caller waits longer`;
    throw new CliError(EXIT.usage, message);
  }
  const chosen = before === true ? "before" : null;
  const side = after === true ? "after" : chosen;
  return { api, method, status, side, delayMs, times, every };
}

function toCount(max: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (!/^\d+$/.test(text) || count < 1 || count > max) {
      throw new InvalidArgumentError(`It must be a whole number from 1 to ${max}.`);
    }
    return count;
  };
}

function listCommand(): Command {
  return new Command("list")
    .summary("what goes wrong, and how often it has")
    .description("List what goes wrong on purpose, how often it has, and how often it will yet.")
    .addHelpText("after", examples("local fault list"))
    .action(async (_: unknown, command: Command) => {
      const { json } = command.optsWithGlobals<GlobalOptions>();
      const listed = await askLocal(Faults, { method: "GET", path: "faults" });
      if (json === true) {
        printJson(listed);
        return;
      }
      printTable(
        ["API", "METHOD", "WHAT", "FIRED", "LEFT"],
        listed.faults.map((fault) => [
          fault.api,
          fault.method,
          effect(fault) + (fault.every > 1 ? `, every ${fault.every} calls` : ""),
          String(fault.fired),
          leftText(fault),
        ]),
        "Nothing goes wrong on purpose. To change that: slipway local fault add --help",
      );
    });
}

function leftText({ left }: FaultView): string {
  if (left === null) {
    return "until it is cleared";
  }
  return left === 0 ? "over" : String(left);
}

function clearCommand(): Command {
  return new Command("clear")
    .summary("end faults")
    .description("End all faults, those of an API, or those of one of its methods.")
    .argument("[api]", "the API; if left out, all")
    .argument("[method]", "its method; if left out, all that were named")
    .addHelpText(
      "after",
      examples("local fault clear", "local fault clear cloudDeploy CreateRelease"),
    )
    .action(async (...words: WordsOrNone) => {
      const [api, method, , command] = words;
      const { json } = command.optsWithGlobals<GlobalOptions>();
      const query = { api, method };
      const ended = await askLocal(Faults, { method: "DELETE", path: "faults", query });
      if (json === true) {
        printJson(ended);
        return;
      }
      for (const fault of ended.faults) {
        const what = `${subject(fault)}, ${effect(fault)}`;
        print(`Ended: ${what}; it has happened ${timesText(fault.fired)}.`);
      }
      if (ended.faults.length === 0) {
        print("There was no such fault. To see those that there are: slipway local fault list");
      }
    });
}

function subject({ api, method }: FaultView): string {
  return method === "*" ? `every method of ${api}` : `${api} ${method}`;
}

function effect({ does, side, delayMs }: FaultView): string {
  const wait = delayMs > 0 ? `${lengthText(delayMs)} later` : "";
  if (does === "delayed") {
    return wait;
  }
  const what = does === "lost" ? "lost" : `answered with ${does}`;
  const when = side === "after" ? "after it was done" : "before it is done";
  return [what, wait, when].filter((part) => part !== "").join(" ");
}

function often({ every, times }: FaultView): string {
  const calls = every === 1 ? "each call" : `one call in ${every}`;
  return times === null ? `${calls}, until it is cleared` : `${calls}, ${timesText(times)}`;
}

function timesText(times: number): string {
  return times === 1 ? "once" : `${times} times`;
}

/** As a shell takes it. */
function quoted(method: string): string {
  return method === "*" ? "'*'" : method;
}
