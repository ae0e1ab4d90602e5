import { toMs } from "./duration.ts";
import type { RetryConfig } from "./state.ts";

/**
 * How long to wait after the n-th failed attempt of an execution, in milliseconds: it doubles so many
 * times, then grows by the last step, and never goes above the most.
 * Source: google/cloud/scheduler/v1/job.proto, RetryConfig.max_doublings
 */
export function backoffMs(retry: RetryConfig, failures: number): number {
  const { maxDoublings } = retry;
  const doublings = Math.min(failures - 1, maxDoublings);
  const steps = 1 + Math.max(0, failures - 1 - maxDoublings);
  const waitMs = toMs(retry.minBackoffDuration) * 2 ** doublings * steps;
  return Math.min(waitMs, toMs(retry.maxBackoffDuration));
}

/**
 * Whether an execution may be tried again. Without a number of retries it may not; with a time limit
 * as well, it may until both are reached.
 * Source: google/cloud/scheduler/v1/job.proto, RetryConfig
 */
export function mayRetry(
  retry: RetryConfig,
  { attempts, elapsedMs }: { readonly attempts: number; readonly elapsedMs: number },
): boolean {
  const isInTime = elapsedMs < toMs(retry.maxRetryDuration);
  return retry.retryCount > 0 && (attempts <= retry.retryCount || isInTime);
}
