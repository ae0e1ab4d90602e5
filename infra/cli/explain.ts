import { Command } from "commander";
import type { z } from "zod";
import { ExplanationWithChanges } from "../../shared/wire/api/explanation.ts";
import { arrivalLine } from "./arrival-text.ts";
import { openApi, pathOf } from "./api.ts";
import { printChanges } from "./changes-text.ts";
import { timeOf } from "./clock.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import type { Text, Tone } from "./output.ts";
import { printTable } from "./table.ts";
import { relative } from "./time-text.ts";

type Options = GlobalOptions & { readonly release?: string };
type Explanation = z.output<typeof ExplanationWithChanges>;
type Gate = Explanation["gates"][number];

/** A service, an environment, options without the global ones, and the command itself. */
type Words = [service: string, environment: string, own: unknown, command: Command];

const HEADINGS = ["GATE", "VERDICT", "SINCE", "WHY", "OPENS WHEN"];

const TONES: Readonly<Record<Explanation["standing"], Tone>> = {
  THERE: "good",
  UNDER_WAY: "waiting",
  WAITING: "waiting",
  READY: "waiting",
  BLOCKED: "bad",
  NO_RELEASE: "faint",
};

const VERDICT_TONES: Readonly<Record<Gate["verdict"], Tone>> = {
  OPEN: "good",
  WARNING: "waiting",
  CLOSED: "bad",
};

/** `slipway explain`: why a release is in an environment, or is not. */
export function explainCommand(): Command {
  return new Command("explain")
    .summary("why a release is in an environment, or is not")
    .description(
      "Say why a release is in an environment or is not, what each gate says, and what to do. Without --release this is about the newest release.",
    )
    .argument("<service>", "the service's id")
    .argument("<environment>", "the environment's id")
    .option("--release <name>", "a release other than the newest; by id, tag or a part of the id")
    .addHelpText("after", examples("explain web prod", "explain web prod --release v1.4.0"))
    .action(async (...words: Words) => {
      const [service, environment, , command] = words;
      const options = command.optsWithGlobals<Options>();
      const api = await openApi(options);
      const query =
        options.release === undefined
          ? ""
          : `?${new URLSearchParams({ release: options.release }).toString()}`;
      const path = `${pathOf("services", service, "environments", environment)}:explain${query}`;
      const explanation = await api.get(path, ExplanationWithChanges);
      if (options.json === true) {
        printJson(explanation);
      } else {
        show(explanation, timeOf(options));
      }
    });
}

function show(explanation: Explanation, now: number): void {
  const { standing, summary, release, current, environment, gates, advice, ignored } = explanation;
  const sentence = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
  print({ text: sentence, tone: TONES[standing] });
  if (release !== null && current?.release !== release.id) {
    print(
      current === null
        ? `Nothing runs in ${environment} yet.`
        : `${environment} runs ${current.tag ?? current.release}.`,
    );
  }
  const arrival = arrivalLine(explanation.expected, now);
  if (arrival !== null) {
    print(`${arrival.charAt(0).toUpperCase()}${arrival.slice(1)}.`);
  }
  if (gates.length > 0) {
    print("");
    printTable(
      HEADINGS,
      gates.map((gate) => toCells(gate, now)),
      "No gate judges it.",
    );
  }
  if (explanation.changes !== null && explanation.changes.direction !== "NONE") {
    print("");
    printChanges(explanation.changes, now);
  }
  showAdvice(advice);
  showIgnored(ignored, now);
}

function showAdvice(advice: Explanation["advice"]): void {
  if (advice.length === 0) {
    return;
  }
  print("");
  print("What to do:");
  const width = Math.max(...advice.map(({ does }) => does.length));
  for (const { command, does } of advice) {
    print("  ", `${does.padEnd(width)}  `, { text: command, tone: "strong" });
  }
}

/** Pushes after which nothing happened, for whoever waits for one of them. */
function showIgnored(ignored: Explanation["ignored"], now: number): void {
  if (ignored.length === 0) {
    return;
  }
  print("");
  print("Pushes that changed nothing lately:");
  for (const { tag, digest, reason, time } of ignored.slice(0, IGNORED_SHOWN_MAX)) {
    print("  ", `${tag ?? digest}, ${relative(time, now)}: ${reason}`);
  }
}

const IGNORED_SHOWN_MAX = 3;

function toCells({ gate, verdict, since, reason, opensAt, opensWhen }: Gate, now: number): Text[] {
  const when = opensAt === null ? [] : [relative(opensAt, now)];
  return [
    gate,
    { text: verdict, tone: VERDICT_TONES[verdict] },
    since === null ? "" : relative(since, now),
    reason ?? "",
    [...when, ...(opensWhen === null ? [] : [opensWhen])].join(": "),
  ];
}
