import { Command } from "commander";
import { auditHeadsCommand } from "./audit-heads.ts";
import { auditTailCommand } from "./audit-tail.ts";
import { auditVerifyCommand } from "./audit-verify.ts";
import { examples } from "./options.ts";

/** `slipway audit`: the record of everything that was decided, done or refused. */
export function auditCommand(): Command {
  return new Command("audit")
    .summary("the record of what was decided, done or refused")
    .description("Read and verify the record of everything that was decided, done or refused.")
    .addCommand(auditTailCommand())
    .addCommand(auditVerifyCommand())
    .addCommand(auditHeadsCommand())
    .addHelpText(
      "after",
      examples(
        "audit tail web --follow",
        "audit verify",
        "audit verify web",
        "audit heads > heads.json",
      ),
    );
}
