import { Command } from "commander";
import { localClockCommand } from "./local-clock.ts";
import { localFaultCommand } from "./local-fault.ts";
import { localIncidentCommand } from "./local-incident.ts";
import { localPaceCommand } from "./local-pace.ts";
import { localPushCommand } from "./local-push.ts";
import { localSignCommand } from "./local-sign.ts";
import { localLoadCommand, localResetCommand, localSaveCommand } from "./local-state.ts";
import { examples } from "./options.ts";

/** `slipway local`: what only the local cloud can do. */
export function localCommand(): Command {
  return new Command("local")
    .summary("what only the local cloud can do")
    .description(
      "Do what only the local cloud can do: move time, have things go wrong, save and load its state, push and sign images.",
    )
    .addHelpText(
      "after",
      examples(
        "local fault add cloudDeploy '*' --status UNAVAILABLE",
        "local fault add deliveries on-deploy-notification --times 3",
        "local fault list",
        "local fault clear",
        "local clock advance 2h",
        "local clock freeze",
        "local incident open msp-testbed-prod-41c7",
        "local save before-outage",
        "local load before-outage",
        "local reset",
        "local pace real",
        "local push msp-example:0123456789ab_43",
        "local sign 127.0.0.1:8470/slipway-local/apps/web:v1",
      ),
    )
    .addCommand(localClockCommand())
    .addCommand(localFaultCommand())
    .addCommand(localIncidentCommand())
    .addCommand(localSaveCommand())
    .addCommand(localLoadCommand())
    .addCommand(localResetCommand())
    .addCommand(localPaceCommand())
    .addCommand(localPushCommand())
    .addCommand(localSignCommand());
}
