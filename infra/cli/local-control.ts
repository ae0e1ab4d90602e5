import { z } from "zod";
import { CliError, EXIT } from "./cli-error.ts";
import { findLocalFile } from "./local-file.ts";
import type { LocalFile } from "./local-file.ts";

/** What is asked of the local cloud itself. */
export type ControlRequest = {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below `/emulator/v1/`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** How long the answer may take; some seconds when left out. */
  readonly timeoutMs?: number;
};

const REQUEST_TIMEOUT_MS = 10_000;

const Refusal = z.object({ error: z.object({ code: z.number(), message: z.string() }) });

/** The local cloud that runs here. @throws CliError when there is none. */
export async function requireLocal(): Promise<LocalFile> {
  const local = await findLocalFile(process.cwd());
  if (local === null) {
    const message = "no local cloud runs here or in a folder above: start it with npm start";
    throw new CliError(EXIT.usage, message);
  }
  return local;
}

/** Asks the local cloud that runs here for something. @throws CliError when it refuses, or does not run. */
export async function askLocal<Schema extends z.ZodType>(
  schema: Schema,
  request: ControlRequest,
): Promise<z.output<Schema>> {
  const { address } = await requireLocal();
  const answer = await send(address, request);
  const body: unknown = await answer.json().catch(() => null);
  if (answer.ok) {
    return schema.parse(body);
  }
  const refusal = Refusal.safeParse(body);
  if (!refusal.success) {
    throw notRunning(address);
  }
  const { code, message } = refusal.data.error;
  throw new CliError(code === 400 ? EXIT.usage : EXIT.refused, message, body);
}

async function send(
  address: string,
  { method, path, query = {}, body, timeoutMs = REQUEST_TIMEOUT_MS }: ControlRequest,
): Promise<Response> {
  const url = new URL(`/emulator/v1/${path}`, address);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) {
      url.searchParams.set(name, value);
    }
  }
  try {
    return await fetch(url, {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      ...(method === "POST" && {
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body ?? {}),
      }),
    });
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError") {
      const message = `the local cloud at ${address} has not answered within ${timeoutMs / 1000} s: what was asked may still be under way`;
      throw new CliError(EXIT.late, message);
    }
    throw notRunning(address);
  }
}

function notRunning(address: string): CliError {
  const message = `the local cloud at ${address} does not answer: start it with npm start`;
  return new CliError(EXIT.unreachable, message);
}
