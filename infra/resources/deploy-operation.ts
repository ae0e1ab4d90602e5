import { randomUUID } from "node:crypto";
import type { CallOptions } from "google-gax";
import { statusOf } from "../../shared/adapters/google-errors.ts";
import { ONE_CALL } from "../../shared/adapters/grpc-endpoint.ts";
import { callOutside, OPERATION_LIMITS } from "../../shared/adapters/outside-call.ts";

/** How an operation is waited for: asked after 100 ms, then at longer and longer distances. */
export const OPERATION: CallOptions = {
  ...ONE_CALL,
  longrunning: {
    initialRetryDelayMillis: 100,
    retryDelayMultiplier: 1.5,
    maxRetryDelayMillis: 5000,
    totalTimeoutMillis: OPERATION_LIMITS.timeoutMs,
  },
};

/**
 * Reads a resource of Cloud Deploy; null when there is none.
 * @throws TransientError or PermanentError
 */
export async function lookUp<Resource>(
  name: string,
  get: () => Promise<Resource>,
): Promise<Resource | null> {
  try {
    return await callOutside(name, get);
  } catch (error) {
    if (statusOf(error) === "NOT_FOUND") {
      return null;
    }
    throw error;
  }
}

/** A started long-running operation, as Google's clients return it. */
type Started = { readonly promise: () => Promise<unknown> };

/**
 * Starts an operation and waits until it has ended. The request id is one of this step alone: it makes a
 * repeated attempt harmless, and never hides a change back to what was there an hour ago.
 * @throws TransientError or PermanentError
 */
export async function carryOut(
  name: string,
  start: (requestId: string) => Promise<Started>,
): Promise<void> {
  const requestId = randomUUID();
  const act = async (): Promise<unknown> => (await start(requestId)).promise();
  await callOutside(name, act, OPERATION_LIMITS);
}
