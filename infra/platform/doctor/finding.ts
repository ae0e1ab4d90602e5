/** What the doctor looked at. */
export type Check =
  | "installation"
  | "permissions"
  | "index"
  | "version"
  | "clock"
  | "dead letters"
  | "stuck work"
  | "events"
  | "traces"
  | "pages"
  | "chat"
  | "github"
  | "notices";

/** How bad it is. What could not be looked at is a warning: it is not known to be well. */
export type Severity = "well" | "warning" | "error";

/** What a check found, and the command that mends it; empty when nothing is to be done. */
export type Finding = {
  readonly check: Check;
  readonly severity: Severity;
  readonly message: string;
  readonly mend: string;
};

/** A check that found nothing wrong. */
export function well(check: Check, message: string): Finding {
  return { check, severity: "well", message, mend: "" };
}

/** Something that a person should look at, though Slipway works. */
export function warning(check: Check, message: string, mend: string): Finding {
  return { check, severity: "warning", message, mend };
}

/** Something that keeps Slipway from its work. */
export function failure(check: Check, message: string, mend: string): Finding {
  return { check, severity: "error", message, mend };
}

/** A check of which only the reason is known why it could not be made. */
export async function orUnknown(
  check: Check,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // What is wrong with the installation's file was printed where it was read.
    const told = reason === "" ? "see the problems above" : reason;
    return [
      warning(
        check,
        `cannot be looked at: ${told}`,
        "mend what it says, then run slipway doctor again",
      ),
    ];
  }
}
