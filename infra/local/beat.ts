import { fromWithin } from "../../emulators/kit/network.ts";
import { LOCAL_PROJECT } from "./settings.ts";
import { TOPICS, topicName } from "./topics.ts";

/** The quick ticks of the local cloud. */
export type Beat = {
  /** Begins, and ticks at once; when it has begun already, only that. */
  readonly now: () => void;
  /** Ends, after the tick that is under way. */
  readonly close: () => Promise<void>;
};

const EVERY_MS = 500;
const DEADLINE_MS = 30_000;

/**
 * Ticks twice a second, so that nobody waits a minute on a laptop until a finished backup is noticed. A beat goes
 * straight to the function and not through its topic: one that meets no function is not worth delivering later.
 * Before one is answered there is no next. While they are off there are Cloud Scheduler's ticks alone.
 */
export function startBeat(
  url: string,
  { token, isOn }: { readonly token: () => Promise<string>; readonly isOn: () => boolean },
): Beat {
  let timer: NodeJS.Timeout | null = null;
  let count = 0;
  let underWay: Promise<void> | null = null;
  function beat(): void {
    if (underWay === null && isOn()) {
      count += 1;
      underWay = deliver({ url, token, messageId: `beat-${count}` }).finally(() => {
        underWay = null;
      });
    }
  }
  return {
    now: () => {
      timer ??= setInterval(beat, EVERY_MS);
      beat();
    },
    close: async () => {
      if (timer !== null) {
        clearInterval(timer);
      }
      await underWay;
    },
  };
}

type Delivery = {
  readonly url: string;
  readonly token: () => Promise<string>;
  readonly messageId: string;
};

/** Posts a tick as Eventarc posts a message. A function that is not there, or is starting, gets the next one. */
async function deliver({ url, token, messageId }: Delivery): Promise<void> {
  const data = Buffer.from(JSON.stringify({ kind: "minute" })).toString("base64");
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${await token()}`,
        ...fromWithin(LOCAL_PROJECT),
        "ce-specversion": "1.0",
        "ce-id": messageId,
        "ce-source": `//pubsub.googleapis.com/${topicName(TOPICS.ticks)}`,
        "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
      },
      body: JSON.stringify({ message: { data, messageId } }),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    await answer.body?.cancel();
  } catch {
    // Nobody listens: the functions are starting again, and the next beat comes soon.
  }
}
