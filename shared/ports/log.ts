/** A log line's values, by name. */
export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

/** Writes one JSON object a line: a fixed message, and values in fields. No payloads, tokens or personal data. */
export type Log = {
  readonly info: (message: string, fields: LogFields) => void;
  readonly warn: (message: string, fields: LogFields) => void;
  readonly error: (message: string, fields: LogFields) => void;
};
