import { Command, Option } from "commander";
import type { z } from "zod";
import { NumbersView } from "../../shared/wire/api/numbers.ts";
import { openApi, pathOf } from "./api.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";
import { printTable } from "./table.ts";

type Options = GlobalOptions & {
  readonly owner?: string;
  readonly from?: string;
  readonly to?: string;
  readonly csv?: boolean;
};
type Numbers = z.output<typeof NumbersView>;
type Lengths = Numbers["leadTime"];

/** A row of the table: a name, how many there were, and lengths of time in seconds or a share. */
type Row = {
  readonly name: string;
  readonly count: number;
  readonly share: number | null;
  readonly lengths: Lengths | null;
};

const HEADINGS = ["NUMBER", "COUNT", "RATE", "MEAN", "MEDIAN", "90%", "LONGEST"];
const CSV_HEADINGS =
  "number,count,rate,mean_seconds,median_seconds,ninetieth_seconds,longest_seconds";
const DATE_LENGTH = 10;
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** `slipway numbers`: how deliveries to production go. */
export function numbersCommand(): Command {
  return new Command("numbers")
    .summary("how deliveries to production go")
    .description(
      "Show how often production is deployed to, how long a push takes to get there, how often that fails, how long restoring takes, and what kept promotions waiting; of a service, of an --owner, or of all. Weeks are counted whole, from Monday in UTC.",
    )
    .argument("[service]", "the service's id; if left out, all services")
    .option("--owner <owner>", "the services of one owner")
    .option("--from <date>", "from the week of that day; if left out, four weeks back")
    .option("--to <date>", "to the week of that day; if left out, today")
    .addOption(new Option("--csv", "print comma-separated values").conflicts("json"))
    .addHelpText("after", examples("numbers web", "numbers --owner core-services --csv"))
    .action(async (service: string | undefined, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const { owner, from, to } = options;
      const given = Object.entries({ service, owner, from, to }).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value] as [string, string]],
      );
      const query = new URLSearchParams(given).toString();
      const path = `${pathOf("numbers")}${query === "" ? "" : `?${query}`}`;
      const numbers = await (await openApi(options)).get(path, NumbersView);
      if (options.json === true) {
        printJson(numbers);
      } else if (options.csv === true) {
        printCsv(numbers);
      } else {
        show(numbers);
      }
    });
}

function rowsOf(numbers: Numbers): readonly Row[] {
  const { deployments, leadTime, failures, changeFailureRate, timeToRestore, detection } = numbers;
  const none = { share: null, lengths: null };
  return [
    { ...none, name: "deployments", count: deployments },
    { ...none, name: "lead time", count: leadTime.count, lengths: leadTime },
    { ...none, name: "change failures", count: failures, share: changeFailureRate },
    { ...none, name: "time to restore", count: timeToRestore.count, lengths: timeToRestore },
    { ...none, name: "detection", count: detection.count, lengths: detection },
    ...numbers.blocked.map(({ gate, ...lengths }) => ({
      ...none,
      name: `blocked by ${gate}`,
      count: lengths.count,
      lengths,
    })),
  ];
}

function show(numbers: Numbers): void {
  const { from, to, services, deploymentsPerDay } = numbers;
  const of = numbers.service ?? `${services} ${services === 1 ? "service" : "services"}`;
  print(
    { text: `${of}, ${day(from)} to ${day(to)}`, tone: "strong" },
    `: ${deploymentsPerDay.toFixed(2)} deployments a day`,
  );
  const rows = rowsOf(numbers).map(({ name, count, share, lengths }) => [
    name,
    String(count),
    share === null ? "" : `${(share * 100).toFixed(1)}%`,
    lengthText(lengths?.meanSeconds),
    lengthText(lengths?.medianSeconds),
    lengthText(lengths?.ninetiethSeconds),
    lengthText(lengths?.longestSeconds),
  ]);
  printTable(HEADINGS, rows, "");
}

function printCsv(numbers: Numbers): void {
  print(CSV_HEADINGS);
  for (const { name, count, share, lengths } of rowsOf(numbers)) {
    const cells = [
      share,
      lengths?.meanSeconds,
      lengths?.medianSeconds,
      lengths?.ninetiethSeconds,
      lengths?.longestSeconds,
    ];
    print([name, count, ...cells.map((cell) => cell ?? "")].join(","));
  }
}

function day(time: string): string {
  return time.slice(0, DATE_LENGTH);
}

/** A length in its largest unit, to one tenth. */
function lengthText(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) {
    return "";
  }
  if (seconds >= DAY) {
    return `${(seconds / DAY).toFixed(1)}d`;
  }
  if (seconds >= HOUR) {
    return `${(seconds / HOUR).toFixed(1)}h`;
  }
  return seconds >= MINUTE ? `${(seconds / MINUTE).toFixed(1)}m` : `${seconds.toFixed(1)}s`;
}
