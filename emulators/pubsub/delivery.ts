import type { Clock, Timer } from "../kit/clock.ts";
import { toGoogleError, type GoogleError } from "../kit/google-error.ts";
import { expire, leaseEndMs, leaseTo, survey, type Outstanding } from "./backlog.ts";
import { sizeOf } from "./message.ts";
import {
  requireAttached,
  type Entry,
  type Lease,
  type PubsubState,
  type Subscription,
} from "./state.ts";

/** A message that a consumer has been given. */
export type Leased = Entry & { readonly lease: Lease };

/** Somebody who takes messages from a subscription: a pull, a stream, a push. */
export type Consumer = {
  /** How many messages it may have at once, and how many bytes; Infinity for no limit. */
  readonly messagesMax: number;
  readonly bytesMax: number;
  /** How long it has for a message, in milliseconds, when that is not the subscription's own. */
  readonly ackDeadlineMs?: () => number;
  /** Takes messages. It must not change the state before it returns. */
  readonly receive: (messages: readonly Leased[]) => void;
  /** The subscription is gone or detached; nothing more comes. */
  readonly refuse: (error: GoogleError) => void;
};

/** Brings messages to consumers. */
export type Delivery = {
  /** Adds a consumer, which gets messages at the next run; returns how to remove it. */
  readonly attach: (subscription: string, consumer: Consumer) => () => void;
  /** Delivers whatever is due. To be called after every change of the state. */
  readonly run: () => void;
  /** Refuses every consumer and stops the timer. */
  readonly stop: (error: GoogleError) => void;
};

type Attached = { readonly holder: number; readonly consumer: Consumer };
type Room = Attached & { messages: number; bytes: number; readonly leased: Leased[] };

/**
 * Starts delivery over a state. Its one timer on the clock stands at the next deadline or retry, and
 * calls `onDue`, which is to run the delivery.
 */
export function startDelivery(state: PubsubState, clock: Clock, onDue: () => void): Delivery {
  const consumers = new Map<string, readonly Attached[]>();
  /** Which consumer of a subscription is first next time, so that all get their share. */
  const turns = new Map<string, number>();
  let holders = 0;
  let timer: Timer | undefined;
  function run(): void {
    timer?.cancel();
    const nowMs = clock.now();
    // Everything expires before anything is delivered: an expiry can feed a dead-letter topic.
    for (const subscription of state.subscriptions.values()) {
      expire(state, subscription, nowMs);
    }
    for (const [name, attached] of consumers) {
      const subscription = findAttached(state, name);
      if ("backlog" in subscription) {
        const first = (turns.get(name) ?? 0) % Math.max(attached.length, 1);
        turns.set(name, serve({ state, subscription, nowMs, first }, attached));
      } else {
        consumers.delete(name);
        attached.forEach(({ consumer }) => consumer.refuse(subscription));
      }
    }
    const nextMs = Math.min(
      ...[...state.subscriptions.values()].map((one) => survey(one, nowMs).nextMs),
    );
    timer = nextMs === Infinity ? undefined : clock.at(nextMs, onDue);
  }
  return {
    attach: (name, consumer) => {
      holders += 1;
      const added: Attached = { holder: holders, consumer };
      consumers.set(name, [...(consumers.get(name) ?? []), added]);
      return () => {
        const others = (consumers.get(name) ?? []).filter((one) => one !== added);
        consumers.set(name, others);
        if (others.length === 0) {
          consumers.delete(name);
        }
      };
    },
    run,
    stop: (error) => {
      timer?.cancel();
      const all = [...consumers.values()].flat();
      consumers.clear();
      all.forEach(({ consumer }) => consumer.refuse(error));
    },
  };
}

type Turn = {
  readonly state: PubsubState;
  readonly subscription: Subscription;
  readonly nowMs: number;
  /** The consumer that is offered the first message. */
  readonly first: number;
};

/** Gives what is ready to the consumers in turn; returns whose turn it is next. */
function serve(turn: Turn, attached: readonly Attached[]): number {
  const { ready, outstanding } = survey(turn.subscription, turn.nowMs);
  const rooms = attached.map((one) => toRoom(one, outstanding.get(one.holder)));
  let next = turn.first;
  for (const entry of ready) {
    const order = [...rooms.slice(next), ...rooms.slice(0, next)];
    const room = order.find(({ messages, bytes }) => messages > 0 && bytes > 0);
    if (room === undefined) {
      break;
    }
    room.leased.push(give(turn, entry, room));
    room.messages -= 1;
    room.bytes -= sizeOf(entry.message);
    next = rooms.indexOf(room) + 1;
  }
  for (const { consumer, leased } of rooms) {
    if (leased.length > 0) {
      consumer.receive(leased);
    }
  }
  return next;
}

function give(turn: Turn, entry: Entry, { holder, consumer }: Room): Leased {
  const { state, subscription, nowMs } = turn;
  const ownMs = consumer.ackDeadlineMs?.();
  const untilMs = ownMs === undefined ? leaseEndMs(subscription, nowMs) : nowMs + ownMs;
  return leaseTo(state, subscription, { entry, holder, deadlineMs: untilMs });
}

function toRoom(attached: Attached, outstanding: Outstanding | undefined): Room {
  const { messagesMax, bytesMax } = attached.consumer;
  return {
    ...attached,
    messages: messagesMax - (outstanding?.messages ?? 0),
    bytes: bytesMax - (outstanding?.bytes ?? 0),
    leased: [],
  };
}

function findAttached(state: PubsubState, name: string): Subscription | GoogleError {
  try {
    return requireAttached(state, name);
  } catch (error) {
    return toGoogleError(error);
  }
}
