import type { Clock, Timer } from "../kit/clock.ts";
import { toGoogleError, type GoogleError } from "../kit/google-error.ts";
import { expire } from "./backlog.ts";
import { type Holder, type Lease, leaseEntry, newHolder, nextChangeMs, takeNext } from "./lanes.ts";
import { requireAttached, type PubsubState, type Subscription } from "./state.ts";

/** Somebody who takes messages from a subscription: a pull, a stream, a push. */
export type Consumer = {
  /** How many messages it may have at once, and how many bytes; Infinity for no limit. */
  readonly messagesMax: number;
  readonly bytesMax: number;
  /** Whether it takes the messages of an ordering key one after the other. */
  readonly isSerial: boolean;
  /** How long it has for a message, in milliseconds, when that is not the subscription's own. */
  readonly ackDeadlineMs?: () => number;
  /** Takes messages. It must not change the state before it returns. */
  readonly receive: (messages: readonly Lease[]) => void;
  /** The subscription is gone or detached; nothing more comes. */
  readonly refuse: (error: GoogleError) => void;
};

/** Brings messages to consumers. */
export type Delivery = {
  /** Adds a consumer, which gets messages at the next run; returns how to remove it. */
  readonly attach: (subscription: string, consumer: Consumer) => () => void;
  /** Delivers what is due in the subscriptions that were touched. To be called after every change. */
  readonly run: () => void;
  /** Refuses every consumer and stops the timers. */
  readonly stop: (error: GoogleError) => void;
};

type Attached = { readonly holder: Holder; readonly consumer: Consumer };

/** Who takes messages of a subscription, and whose turn it is, so that all get their share. */
type Queue = {
  readonly attached: Attached[];
  turn: number;
  /** Ends the pushes, where there are any. */
  stopPushes: (() => void) | null;
};

/** How many messages of a subscription are given before everybody else in the process has a turn. */
const GIVEN_AT_ONCE_MAX = 1_000;

/**
 * Starts delivery over a state, of which each subscription with an endpoint has the consumer that `toPushes` makes. The
 * timer of each subscription stands at its next deadline or retry.
 */
export function startDelivery(
  state: PubsubState,
  clock: Clock,
  toPushes: (subscription: string) => Consumer,
): Delivery {
  const queues = new Map<string, Queue>();
  const alarms = keepAlarms(clock, (name) => {
    state.touched.add(name);
    run();
  });
  function queueOf(name: string): Queue {
    const queue = queues.get(name) ?? { attached: [], turn: 0, stopPushes: null };
    queues.set(name, queue);
    return queue;
  }
  function serveOne(name: string): void {
    const queue = queueOf(name);
    const subscription = findAttached(state, name);
    if (!("lanes" in subscription)) {
      queues.delete(name);
      queue.attached.forEach(({ consumer }) => consumer.refuse(subscription));
      return;
    }
    if (subscription.config.pushConfig.pushEndpoint === undefined) {
      queue.stopPushes?.();
      queue.stopPushes = null;
    } else {
      queue.stopPushes ??= join(queue, toPushes(name));
    }
    const nowMs = clock.now();
    expire(state, subscription, nowMs);
    const given = serve(subscription, nowMs, queue);
    if (given >= GIVEN_AT_ONCE_MAX) {
      void alarms.wake(name);
    }
    alarms.set(name, nextChangeMs(subscription.lanes));
  }
  function run(): void {
    // An expiry can feed a dead-letter topic, which touches others.
    for (const name of state.touched) {
      state.touched.delete(name);
      serveOne(name);
    }
  }
  return {
    attach: (name, consumer) => {
      state.touched.add(name);
      return join(queueOf(name), consumer);
    },
    run,
    stop: (error) => {
      alarms.stop();
      const all = [...queues.values()].flatMap(({ attached }) => attached);
      queues.clear();
      all.forEach(({ consumer }) => consumer.refuse(error));
    },
  };
}

function join({ attached }: Queue, consumer: Consumer): () => void {
  const added = { holder: newHolder(consumer.isSerial), consumer };
  attached.push(added);
  return () => {
    added.holder.isGone = true;
    const index = attached.indexOf(added);
    attached.splice(index, index < 0 ? 0 : 1);
  };
}

type Alarms = {
  readonly set: (name: string, timeMs: number) => void;
  /** Wakes a name as soon as everybody else in the process has had a turn. */
  readonly wake: (name: string) => Promise<void>;
  readonly stop: () => void;
};

/** Keeps one timer for each name, which wakes it at the earliest of the times that were set for it. */
function keepAlarms(clock: Clock, onDue: (name: string) => void): Alarms {
  const alarms = new Map<string, { readonly timeMs: number; readonly timer: Timer }>();
  let isStopped = false;
  async function wake(name: string): Promise<void> {
    // What was acknowledged in time may still have to be read, when this process was busy.
    await new Promise(setImmediate);
    alarms.delete(name);
    if (!isStopped) {
      onDue(name);
    }
  }
  return {
    set: (name, timeMs) => {
      const alarm = alarms.get(name);
      if (timeMs < (alarm?.timeMs ?? Infinity)) {
        alarm?.timer.cancel();
        alarms.set(name, { timeMs, timer: clock.at(timeMs, async () => wake(name)) });
      }
    },
    wake,
    stop: () => {
      isStopped = true;
      alarms.forEach(({ timer }) => timer.cancel());
    },
  };
}

/** Gives what is ready to the consumers in turn; returns how much that was. */
function serve({ config, lanes }: Subscription, nowMs: number, queue: Queue): number {
  const attached = [...queue.attached];
  const received = new Map<Consumer, Lease[]>();
  let given = 0;
  for (let passed = 0; passed < attached.length && given < GIVEN_AT_ONCE_MAX; queue.turn += 1) {
    const one = attached[queue.turn % attached.length];
    const entry = one !== undefined && hasRoom(one) ? takeNext(lanes, one.holder) : null;
    if (one === undefined || entry === null) {
      passed += 1;
      continue;
    }
    const { holder, consumer } = one;
    const deadlineMs = nowMs + (consumer.ackDeadlineMs?.() ?? config.ackDeadlineSeconds * 1_000);
    const batch = received.get(consumer) ?? [];
    received.set(consumer, batch);
    batch.push(leaseEntry(lanes, entry, { holder, deadlineMs }));
    passed = 0;
    given += 1;
  }
  received.forEach((messages, consumer) => consumer.receive(messages));
  return given;
}

function hasRoom({ holder, consumer }: Attached): boolean {
  return holder.messages < consumer.messagesMax && holder.bytes < consumer.bytesMax;
}

function findAttached(state: PubsubState, name: string): Subscription | GoogleError {
  try {
    return requireAttached(state, name);
  } catch (error) {
    return toGoogleError(error);
  }
}
