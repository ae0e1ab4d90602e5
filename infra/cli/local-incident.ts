import { Command } from "commander";
import { z } from "zod";
import { CliError, EXIT } from "./cli-error.ts";
import { ownerToken } from "./local-access.ts";
import { requireLocal } from "./local-control.ts";
import { examples } from "./options.ts";
import type { GlobalOptions } from "./options.ts";
import { print, printJson } from "./output.ts";

type Options = GlobalOptions & { readonly policy?: string };

const Policies = z.object({
  alertPolicies: z
    .array(z.object({ name: z.string(), displayName: z.string().default("") }))
    .default([]),
});
const Refusal = z.object({ error: z.object({ message: z.string() }) });

const REQUEST_TIMEOUT_MS = 10_000;

/** `slipway local incident`: an alert of a project opens, or ends, as if it had been measured. */
export function localIncidentCommand(): Command {
  return new Command("incident")
    .summary("open or close an incident")
    .description("Open an incident in a project of the local cloud, or close it.")
    .addCommand(changing("open", "open an incident: promotions into the environment wait"))
    .addCommand(changing("close", "close what is open: the promotions go on"));
}

function changing(verb: "open" | "close", summary: string): Command {
  return new Command(verb)
    .summary(summary)
    .description(`${summary[0]?.toUpperCase() ?? ""}${summary.slice(1)}.`)
    .argument("<project>", "the environment's project, as its service.yaml names it")
    .option("--policy <name>", "the alert policy, by its name or id; if left out, the first one")
    .addHelpText("after", examples(`local incident ${verb} msp-testbed-prod-41c7`))
    .action(async (project: string, _: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const local = await requireLocal();
      const { monitoring } = local.endpoints;
      const token = await ownerToken(local);
      const ask = async (method: string, path: string): Promise<object> =>
        send(method, `${monitoring}/${path}`, token);
      const policy = await findPolicy(ask, project, options.policy);
      const answer = await ask("POST", `emulator/v1/${policy.name}:${verb}`);
      if (options.json === true) {
        printJson(answer);
      } else {
        print(told(verb, policy.displayName, project));
      }
    });
}

function told(verb: "open" | "close", policy: string, project: string): string {
  return verb === "open"
    ? `An incident of ${policy} is open in ${project}. To close it: slipway local incident close ${project}`
    : `No incident of ${policy} is open in ${project} any more.`;
}

async function findPolicy(
  ask: (method: string, path: string) => Promise<object>,
  project: string,
  wanted: string | undefined,
): Promise<{ readonly name: string; readonly displayName: string }> {
  const path = `v3/projects/${encodeURIComponent(project)}/alertPolicies`;
  const { alertPolicies } = Policies.parse(await ask("GET", path));
  const found = alertPolicies.find(
    ({ name, displayName }) =>
      wanted === undefined || displayName === wanted || name.split("/").at(-1) === wanted,
  );
  if (found === undefined) {
    const there = alertPolicies.map(({ displayName }) => displayName).join(", ");
    const message =
      there === ""
        ? `${project} has no alert policy: name the project of an environment, as in its service.yaml`
        : `${project} has no alert policy ${wanted ?? ""}, but ${there}`;
    throw new CliError(EXIT.refused, message);
  }
  return found;
}

async function send(method: string, url: string, token: string): Promise<object> {
  const answer = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  const body: unknown = await answer.json();
  if (!answer.ok) {
    const refusal = Refusal.safeParse(body);
    throw new CliError(EXIT.refused, refusal.data?.error.message ?? `${url}: ${answer.status}`);
  }
  return z.looseObject({}).parse(body);
}
