import type { Arrival } from "./arrival.ts";
import { CliError, EXIT } from "./cli-error.ts";

/** The first look follows after a second; each further one later, up to ten seconds. */
const INTERVAL_MS = { first: 1000, most: 10_000, growth: 1.5 } as const;

/** How long nobody may answer before waiting is given up: an API that is deployed anew is back by then. */
const SILENCE_MAX_MS = 300_000;

/** How to wait. */
export type Waiting = {
  readonly look: () => Promise<Arrival>;
  readonly timeoutMs: number;
  /** Whether to go on waiting where somebody must do something. */
  readonly isPatient: boolean;
  readonly now: () => number;
  readonly pause: (lengthMs: number) => Promise<void>;
  /** Hears each sentence that differs from the one before. */
  readonly report: (text: string) => void;
};

/** What came of waiting: the last look, or `late` when there was no end in time. */
export type Waited = Omit<Arrival, "kind"> & {
  readonly kind: Exclude<Arrival["kind"], "pending"> | "late";
};

/**
 * Looks again and again until a release has arrived, will not, or needs somebody; or until the time is over. A look
 * that nobody answers is made again.
 * @throws CliError when the API refuses, or nobody has answered for five minutes.
 */
export async function waitFor(waiting: Waiting): Promise<Waited> {
  const { timeoutMs, isPatient, now, pause, report } = waiting;
  const giveUpAt = now() + timeoutMs;
  let intervalMs: number = INTERVAL_MS.first;
  let last: Arrival | null = null;
  let told = "";
  let answeredAt = now();
  for (;;) {
    const seen = await lookPatiently(waiting, answeredAt);
    if (seen instanceof CliError) {
      told = tell(seen.message, { told, report });
    } else {
      answeredAt = now();
      const isOpen = seen.kind === "pending" || (seen.kind === "person" && isPatient);
      if (!isOpen) {
        return { ...seen, kind: seen.kind };
      }
      // What moves on is looked at more often again.
      intervalMs = seen.text === last?.text ? intervalMs : INTERVAL_MS.first;
      told = tell(seen.text, { told, report });
      last = seen;
    }
    const leftMs = giveUpAt - now();
    if (leftMs <= 0) {
      return late(last, told);
    }
    await pause(Math.min(intervalMs, leftMs));
    intervalMs = Math.min(intervalMs * INTERVAL_MS.growth, INTERVAL_MS.most);
  }
}

/** What a look shows, or that nobody answered. */
async function lookPatiently(
  { look, now }: Waiting,
  answeredAt: number,
): Promise<Arrival | CliError> {
  try {
    return await look();
  } catch (error) {
    const isSilence = error instanceof CliError && error.exitCode === EXIT.unreachable;
    if (isSilence && now() - answeredAt < SILENCE_MAX_MS) {
      return error;
    }
    throw error;
  }
}

function tell(
  text: string,
  { told, report }: { readonly told: string } & Pick<Waiting, "report">,
): string {
  if (text !== told) {
    report(text);
  }
  return text;
}

function late(last: Arrival | null, told: string): Waited {
  const nothing = { environment: "", release: null, promotion: null, advice: [] };
  return { ...(last ?? nothing), text: last?.text ?? told, kind: "late" };
}
