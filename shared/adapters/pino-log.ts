import { pino } from "pino";
import type { DestinationStream } from "pino";

import type { Log } from "../ports/log.ts";
import { toPlainJson } from "../wire/plain-text.ts";

/**
 * Cloud Logging's severities for pino's levels.
 * Source: https://cloud.google.com/logging/docs/structured-logging
 */
const SEVERITY: Readonly<Record<string, string>> = {
  info: "INFO",
  warn: "WARNING",
  error: "ERROR",
};

/** Writes log lines as Cloud Logging reads them, to standard output unless told otherwise. */
export function pinoLog(destination?: DestinationStream): Log {
  const options = {
    base: null,
    messageKey: "message",
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    hooks: { streamWrite: toPlainJson },
    formatters: { level: (label: string) => ({ severity: SEVERITY[label] ?? "DEFAULT" }) },
  };
  const logger = destination === undefined ? pino(options) : pino(options, destination);
  return {
    info: (message, fields) => logger.info(fields, message),
    warn: (message, fields) => logger.warn(fields, message),
    error: (message, fields) => logger.error(fields, message),
  };
}
