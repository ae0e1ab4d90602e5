import { Command } from "commander";
import { localIncidentCommand } from "./local-incident.ts";
import { localSignCommand } from "./local-sign.ts";

/** `slipway local`: what only the local cloud can do. */
export function localCommand(): Command {
  return new Command("local")
    .summary("what only the local cloud can do")
    .description("Do what only the local cloud can do.")
    .addCommand(localSignCommand())
    .addCommand(localIncidentCommand());
}
