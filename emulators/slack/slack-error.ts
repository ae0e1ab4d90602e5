/**
 * A refusal as Slack gives it: with the status 200 and `ok: false`.
 * Source: https://docs.slack.dev/apis/web-api/#responses
 */
export class SlackError extends Error {
  override readonly name = "SlackError";
  /** Such as `channel_not_found`. */
  readonly code: string;
  /** What the answer carries beside it. */
  readonly about: Readonly<Record<string, unknown>>;

  constructor(code: string, about: Readonly<Record<string, unknown>> = {}) {
    super(code);
    this.code = code;
    this.about = about;
  }
}

/** A refusal that says in sentences what is wrong with the arguments. */
export function wrongArguments(code: string, messages: readonly string[]): SlackError {
  return new SlackError(code, {
    response_metadata: { messages: messages.map((message) => `[ERROR] ${message}`) },
  });
}
