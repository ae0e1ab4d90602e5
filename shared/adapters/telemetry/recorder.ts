import { AsyncLocalStorage } from "node:async_hooks";
import { stepFor } from "../../domain/trace/promotion-spans.ts";
import type { PromotionSpan } from "../../domain/trace/promotion-spans.ts";
import type { PromotionId, ServiceId } from "../../domain/ids.ts";
import type { StepName } from "../../domain/promotion.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Telemetry } from "../../ports/telemetry.ts";
import { newNumbers } from "./numbers.ts";
import type { Numbers } from "./numbers.ts";
import { placeOf, toSpan } from "./promotion-trace.ts";
import { newSpan } from "./span.ts";
import type { Attributes, Span, SpanContext } from "./span.ts";
import { keep, newWork, textOf, toBatch } from "./work.ts";
import type { Batch, Work } from "./work.ts";

/** Takes what is to be sent, and comes back when it was sent or given up. Never throws. */
export type Send = (batch: Batch) => Promise<void>;

/** Tells of work, and of what is done in it. */
export type Recorder = {
  readonly telemetry: Telemetry;
  readonly numbers: Numbers;
  /** Makes a call to the outside, and tells of it. `amiss` says what is wrong with an answer; null: nothing. */
  readonly call: <Value>(
    name: string,
    call: () => Promise<Value>,
    amiss?: (answer: Value) => string | null,
  ) => Promise<Value>;
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
    call: async (name, act, amiss) => {
      const frame = frames.getStore();
      return frame === undefined
        ? act()
        : timed(desk, frame, {
            ...callOf(frame, name),
            act,
            ...(amiss !== undefined && { amiss }),
          });
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
      const { service, effect } = attempted;
      const { promotion, kind: name } = effect;
      return frame === undefined
        ? act()
        : attempt(desk, frame.work, { service, promotion, step: stepFor(effect), name, act });
    },
    notice: async ({ service, promotion, kind, channel }, act) => {
      const frame = frames.getStore();
      const attributes = { "slipway.notice": kind, "slipway.channel": channel };
      const part = { service, promotion, step: null, name: "notice", attributes, act };
      return frame === undefined ? act() : attempt(desk, frame.work, part);
    },
    came: (name, outcome) => {
      numbers.count("slipway.events", { "slipway.function": name, "slipway.outcome": outcome });
    },
    stands: (standing) => numbers.stands(standing, clock.now()),
  };
}

/** What is done for a promotion. */
type Part = {
  readonly service: ServiceId;
  readonly promotion: PromotionId;
  /** The step that wants it; null where it is done for the promotion as a whole. */
  readonly step: StepName | null;
  readonly name: string;
  readonly attributes?: Attributes;
};

/** What is done for a promotion is part of the step that wants it, and linked to the work in which it is done. */
async function attempt<Value>(
  desk: Desk,
  work: Work,
  { service, promotion, step, name, attributes, act }: Part & Acting<Value>,
): Promise<Value> {
  const traced = { project: desk.project, service, promotion };
  const place = placeOf(traced, step);
  const context = newSpan(place.traceId);
  work.promotions.set(promotion, placeOf(traced, null));
  const about = { "slipway.service": service, "slipway.promotion": promotion, ...attributes };
  return timed(
    desk,
    { work, parent: place, links: [work.context] },
    {
      context,
      name,
      kind: "internal",
      attributes: about,
      act: async () => desk.frames.run({ work, parent: context, links: [] }, act),
    },
  );
}

/** What is done meanwhile, and what is wrong with what came of it. */
type Acting<Value> = {
  readonly act: () => Promise<Value>;
  readonly amiss?: (answer: Value) => string | null;
};

type Begun = Pick<Span, "context" | "name" | "kind" | "attributes">;

function callOf({ parent }: Frame, name: string): Begun {
  return { context: newSpan(parent.traceId), name, kind: "client", attributes: {} };
}

async function timed<Value>(
  { clock }: Desk,
  { work, parent, links }: Frame,
  { act, amiss, ...begun }: Begun & Acting<Value>,
): Promise<Value> {
  const from = clock.now();
  const add = (error: string | null): void => {
    keep(work, { ...begun, parent: parent.spanId, from, to: clock.now(), links, error });
  };
  try {
    const value = await act();
    add(amiss?.(value) ?? null);
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
