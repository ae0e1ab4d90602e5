import { Command } from "commander";
import type { Finding } from "../platform/doctor/finding.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { addInstallOptions } from "./install-context.ts";
import type { InstallOptions } from "./install-context.ts";
import { examples } from "./options.ts";
import { print, printJson } from "./output.ts";
import type { Tone } from "./output.ts";

type DoctorOptions = InstallOptions & {
  readonly canary: boolean;
  readonly strict?: boolean;
};

const TONES: Readonly<Record<Finding["severity"], Tone>> = {
  well: "good",
  warning: "waiting",
  error: "bad",
};

/** `slipway doctor`: whether Slipway is well, and what to do where it is not. */
export function doctorCommand(): Command {
  return addInstallOptions(new Command("doctor"))
    .summary("say whether Slipway is well, and what to do where it is not")
    .description(
      "Look whether events arrive, whether anything is stuck, and whether the installation is as its file asks. It changes nothing; it pushes one image of its own and takes it away again. Ends with 1 where something is wrong, for monitoring.",
    )
    .option("--no-canary", "push no image")
    .option("--strict", "end with 1 for warnings, too")
    .addHelpText("after", examples("doctor", "doctor --json --no-canary"))
    .action(async (_: unknown, self: Command) => {
      const options = self.optsWithGlobals<DoctorOptions>();
      const { examine } = await import("./examine.ts");
      const findings = await examine(options, options.canary);
      const isWell = findings.every(
        ({ severity }) =>
          severity === "well" || (severity === "warning" && options.strict !== true),
      );
      if (options.json === true) {
        printJson({ isWell, findings });
      } else {
        findings.forEach(printFinding);
      }
      if (!isWell) {
        throw new CliError(EXIT.refused, "");
      }
    });
}

function printFinding({ check, severity, message, mend }: Finding): void {
  print(
    { text: severity.padEnd("warning".length), tone: TONES[severity] },
    `  ${check}: ${message}`,
  );
  if (mend !== "") {
    print(`           ${mend}`);
  }
}
