import type { Help } from "../../shared/domain/next-step.ts";
import type { Refusal } from "../../shared/domain/refusal.ts";
import { toGateView } from "../../shared/wire/api/views.ts";
import { helpText } from "../../shared/wire/next-step.ts";

/** The statuses that the API answers with, and their HTTP codes. */
const CODES = {
  INVALID_ARGUMENT: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  FAILED_PRECONDITION: 409,
  PAYLOAD_TOO_LARGE: 413,
  INTERNAL: 500,
  UNAVAILABLE: 503,
} as const;

/** What google.rpc.Code calls a status that it has no word of its own for. */
const GOOGLE_STATUS: Readonly<Partial<Record<ApiStatus, string>>> = {
  CONFLICT: "ABORTED",
  PAYLOAD_TOO_LARGE: "INVALID_ARGUMENT",
};

/** A status that the API answers with. */
export type ApiStatus = keyof typeof CODES;

/** What an answer has beside its message: facts for programs, and what helps. */
type More = { readonly details?: readonly object[]; readonly help?: Help | null };

/**
 * A request that ends here, with the answer it gets. Its message is for the API and the terminal; pages and chat say the
 * problem, and what helps in their own way.
 */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly status: ApiStatus;
  readonly code: (typeof CODES)[ApiStatus];
  readonly problem: string;
  readonly help: Help | null;
  readonly details: readonly object[];

  constructor(status: ApiStatus, problem: string, { details = [], help = null }: More = {}) {
    super(help === null ? problem : `${problem}; ${helpText(help)}`);
    this.status = status;
    this.problem = problem;
    this.help = help;
    this.code = CODES[status];
    this.details = details;
  }

  /** The answer's body: a google.rpc.Status as Google's APIs write it. */
  body(): object {
    const status = GOOGLE_STATUS[this.status] ?? this.status;
    const { code, message, details } = this;
    return { error: { code, message, status, details } };
  }
}

/** A refusal of the core as the error that ends a request. */
export function toRequestError(refusal: Refusal): RequestError {
  switch (refusal.kind) {
    case "not-found":
      return new RequestError("NOT_FOUND", refusal.message, helpOf(refusal));
    case "invalid":
      return new RequestError("INVALID_ARGUMENT", refusal.message);
    case "forbidden":
      return new RequestError("PERMISSION_DENIED", refusal.message);
    case "conflict":
      return new RequestError("CONFLICT", refusal.message, helpOf(refusal));
    case "gates-closed":
      return new RequestError("FAILED_PRECONDITION", refusal.message, {
        details: [{ "@type": "slipway/Gates", gates: refusal.gates.map(toGateView) }],
      });
  }
}

function helpOf({ help }: { readonly help?: Help }): Pick<More, "help"> {
  return { help: help ?? null };
}
