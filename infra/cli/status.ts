import { Command } from "commander";
import { ServiceView } from "../../shared/wire/api/schemas.ts";
import { openApi, pathOf } from "./api.ts";
import { timeOf } from "./clock.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { printJson } from "./output.ts";
import type { Text } from "./output.ts";
import { listServices } from "./pages.ts";
import type { Service } from "./pages.ts";
import { situation, stateText } from "./promotion-text.ts";
import { printTable } from "./table.ts";
import { relative } from "./time-text.ts";

type Environment = Service["environments"][number];

const HEADINGS = ["SERVICE", "ENVIRONMENT", "RELEASE", "SINCE", "PROMOTION", "NOTES"];

/** `slipway status`: what is where, what comes next, and what stands in its way. */
export function statusCommand(): Command {
  return new Command("status")
    .summary("what is where")
    .description("Show what is in each environment, what comes next, and what stands in its way.")
    .argument("[service]", "a service; if left out, all of them")
    .addHelpText("after", examples("status", "status web", "status web --json"))
    .action(async (service: string | undefined, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>();
      const api = await openApi(options);
      if (service === undefined) {
        const services = await listServices(api);
        show(services, options, { services, nextPageToken: "" });
      } else {
        const found = await api.get(pathOf("services", service), ServiceView);
        show([found], options, found);
      }
    });
}

function show(services: readonly Service[], options: GlobalOptions, answer: object): void {
  if (options.json === true) {
    printJson(answer);
    return;
  }
  const now = timeOf(options);
  const rows = services.flatMap(
    ({ id, environments, unreadable, removeTime }): readonly (readonly Text[])[] => {
      if (unreadable !== null) {
        return [[id, "", "", "", "", { text: `cannot be read: ${unreadable}`, tone: "bad" }]];
      }
      return removeTime === null
        ? environments.map((environment) => [id, ...toCells(environment, now)])
        : [[id, "", "", "", "", { text: `removed ${relative(removeTime, now)}`, tone: "faint" }]];
    },
  );
  printTable(HEADINGS, rows, "There is no service yet: apply a service.yaml with slipway apply.");
}

function toCells(environment: Environment, now: number): readonly Text[] {
  const { id, current } = environment;
  return [
    id,
    current === null ? { text: "none", tone: "faint" } : (current.tag ?? current.release),
    current === null ? "" : relative(current.deployTime, now),
    promotionText(environment, now),
    notesText(environment),
  ];
}

function promotionText({ promotion, waiting }: Environment, now: number): Text {
  if (promotion === null) {
    return "";
  }
  const { text, tone } = toParts(stateText(promotion));
  const others = waiting.filter((id) => id !== promotion.id).length;
  const why = situation(promotion, now);
  const more = others === 0 ? "" : ` (and ${others} waiting)`;
  return { text: `${text}${why === "" ? "" : ` ${why}`}${more}`, tone };
}

function toParts(text: Text): Exclude<Text, string> {
  return typeof text === "string" ? { text, tone: "faint" } : text;
}

function notesText(environment: Environment): Text {
  const { holds, incidents, incidentsProblem, migration, drift, foreignRollout } = environment;
  const { failed } = environment;
  const notes = [
    ...(failed === null ? [] : [`${failed.tag ?? failed.release} failed: ${failed.reason}`]),
    ...holds.map(({ reason, by }) => `held by ${by}: ${reason}`),
    ...incidents.map(({ severity, policy, id }) => `${severity} incident: ${policy} (${id})`),
    ...(incidentsProblem === null ? [] : [`incidents cannot be read: ${incidentsProblem}`]),
    ...(migration?.state === "WAITING"
      ? [`migration ${migration.job} waits to be started: slipway migrate`]
      : []),
    ...(drift === null ? [] : [`drift: ${drift.running} runs${byText(drift.by)}`]),
    ...(foreignRollout === null
      ? []
      : [`rollout ${foreignRollout.rollout} is under way without a promotion`]),
  ];
  return { text: notes.join("; "), tone: "bad" };
}

function byText(by: string | null): string {
  return by === null ? "" : `, brought by ${by}`;
}
