import { AsyncLocalStorage } from "node:async_hooks";
import { stepFor } from "../../domain/trace/promotion-spans.ts";
import type { PromotionSpan } from "../../domain/trace/promotion-spans.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Telemetry } from "../../ports/telemetry.ts";
import { newNumbers } from "./numbers.ts";
import type { Numbers } from "./numbers.ts";
import { placeOf, toSpan } from "./promotion-trace.ts";
import { newSpan } from "./span.ts";
import type { Span, SpanContext } from "./span.ts";
import { keep, newWork, textOf, toBatch } from "./work.ts";
import type { Batch, Work } from "./work.ts";

/** Takes what is to be sent, and comes back when it was sent or given up. Never throws. */
export type Send = (batch: Batch) => Promise<void>;

/** Tells of work, and of what is done in it. */
export type Recorder = {
  readonly telemetry: Telemetry;
  readonly numbers: Numbers;
  /** Makes a call to the outside, and tells of it. */
  readonly call: <Value>(name: string, call: () => Promise<Value>) => Promise<Value>;
  /** Tells what was decided of promotions, once it is stored. */
  readonly decided: (spans: readonly PromotionSpan[]) => void;
  /** Says that something was stored: the work is worth telling of. */
  readonly stored: () => void;
};

/** Where a call belongs: to a piece of work, within the trace of a promotion or in that of the work itself. */
type Frame = {
  readonly work: Work;
  readonly parent: SpanContext;
  readonly links: readonly SpanContext[];
};

type Desk = {
  /** The project that Slipway runs in. */
  readonly project: string;
  readonly clock: Clock;
  readonly send: Send;
  readonly frames: AsyncLocalStorage<Frame>;
  readonly numbers: Numbers;
};

/** Tells of what is done in this process. */
export function newRecorder(options: Pick<Desk, "project" | "clock" | "send">): Recorder {
  const { clock } = options;
  const frames = new AsyncLocalStorage<Frame>();
  const numbers = newNumbers(clock.now());
  const desk = { ...options, frames, numbers };
  return {
    numbers,
    telemetry: telemetryOf(desk),
    call: async (name, act) => {
      const frame = frames.getStore();
      return frame === undefined ? act() : timed(desk, frame, { ...callOf(frame, name), act });
    },
    decided: (spans) => {
      const work = frames.getStore()?.work;
      if (work !== undefined) {
        tellOf(desk, work, spans);
      }
    },
    stored: () => {
      const work = frames.getStore()?.work;
      if (work !== undefined) {
        work.isNews = true;
      }
    },
  };
}

function telemetryOf(desk: Desk): Telemetry {
  const { clock, frames, numbers } = desk;
  return {
    invocation: async (cause, act) => {
      const work = newWork(desk.project, cause);
      const from = clock.now();
      const end = async (error: string | null): Promise<void> =>
        desk.send(toBatch(work, { cause, from, to: clock.now(), error }, numbers));
      try {
        const value = await frames.run({ work, parent: work.context, links: [] }, act);
        await end(null);
        return value;
      } catch (error) {
        await end(textOf(error));
        throw error;
      }
    },
    attempt: async (attempted, act) => {
      const frame = frames.getStore();
      return frame === undefined ? act() : attempt(desk, frame.work, { ...attempted, act });
    },
    came: (name, outcome) => {
      numbers.count("slipway.events", { "slipway.function": name, "slipway.outcome": outcome });
    },
    stands: (standing) => numbers.stands(standing, clock.now()),
  };
}

/** An attempt at an effect is part of the step that wants it, and linked to the work in which it is made. */
async function attempt<Value>(
  desk: Desk,
  work: Work,
  { service, effect, act }: Parameters<Telemetry["attempt"]>[0] & Acting<Value>,
): Promise<Value> {
  const traced = { project: desk.project, service, promotion: effect.promotion };
  const step = placeOf(traced, stepFor(effect));
  const context = newSpan(step.traceId);
  work.promotions.set(effect.promotion, placeOf(traced, null));
  const attributes = { "slipway.service": service, "slipway.promotion": effect.promotion };
  return timed(
    desk,
    { work, parent: step, links: [work.context] },
    {
      context,
      name: effect.kind,
      kind: "internal",
      attributes,
      act: async () => desk.frames.run({ work, parent: context, links: [] }, act),
    },
  );
}

/** What is done meanwhile. */
type Acting<Value> = { readonly act: () => Promise<Value> };

type Begun = Pick<Span, "context" | "name" | "kind" | "attributes">;

function callOf({ parent }: Frame, name: string): Begun {
  return { context: newSpan(parent.traceId), name, kind: "client", attributes: {} };
}

async function timed<Value>(
  { clock }: Desk,
  { work, parent, links }: Frame,
  { act, ...begun }: Begun & Acting<Value>,
): Promise<Value> {
  const from = clock.now();
  const add = (error: string | null): void => {
    keep(work, { ...begun, parent: parent.spanId, from, to: clock.now(), links, error });
  };
  try {
    const value = await act();
    add(null);
    return value;
  } catch (error) {
    add(textOf(error));
    throw error;
  }
}

function tellOf({ project }: Desk, work: Work, spans: readonly PromotionSpan[]): void {
  for (const span of spans) {
    const { service, promotion } = span;
    work.promotions.set(promotion, placeOf({ project, service, promotion }, null));
    keep(work, toSpan(project, span, work.context));
  }
}
