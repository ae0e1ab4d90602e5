/** What the process says with its exit code. */
export const EXIT = {
  done: 0,
  /** Refused, invalid, or it ended badly. */
  refused: 1,
  /** The command was not understood. */
  usage: 2,
  /** Nobody answered. */
  unreachable: 3,
  /** It goes no further until somebody does something. */
  person: 4,
  /** It has not ended in time. */
  late: 5,
} as const;

/** An exit code other than success. */
export type FailureCode = Exclude<(typeof EXIT)[keyof typeof EXIT], 0>;

/** A command that cannot go on: what to say, and the exit code. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: FailureCode;
  /** The API's own answer, which `--json` prints in place of the message. */
  readonly body: unknown;

  constructor(exitCode: FailureCode, message: string, body: unknown = null) {
    super(message);
    this.exitCode = exitCode;
    this.body = body;
  }
}
