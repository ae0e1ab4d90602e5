import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tracesFindings } from "../../infra/platform/doctor/traces.ts";
import { openRecorder } from "../../shared/adapters/telemetry/watch.ts";
import type { Recorder } from "../../shared/adapters/telemetry/recorder.ts";
import { SPANS_KEPT_MAX, TELLING_REST } from "../../shared/adapters/telemetry/sender.ts";
import { SPANS_OF_WORK_MAX } from "../../shared/adapters/telemetry/work.ts";
import { watchTelling } from "../../shared/adapters/telemetry/watched-ports.ts";
import { asPromotionId, serviceId } from "../../shared/domain/ids.ts";
import { duration, minutes } from "../../shared/domain/time.ts";
import { TransientError } from "../../shared/ports/errors.ts";
import type { Answer, Telling } from "../../shared/ports/notices.ts";
import type { NoticeOnItsWay } from "../../shared/ports/telemetry.ts";
import { startCollector } from "../support/collector.ts";
import type { Place, TestCollector } from "../support/collector.ts";
import { memoryCalls } from "../support/memory-calls.ts";
import { memoryTelling } from "../support/memory-notices.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";
import { aMessage } from "../support/notice-message.ts";
import { present } from "../support/present.ts";

let collector: TestCollector;
let memory: MemoryPorts;

beforeEach(async () => {
  collector = await startCollector();
  memory = memoryPorts();
});
afterEach(async () => {
  await collector.close();
});

/** What a function tells by, with headers from a secret if one is given. */
function open(secret: string | null = null, endpoint = collector.url): Recorder {
  const { clock, log } = memory.ports;
  const headersSecret = secret === null ? null : "projects/acme/secrets/otlp";
  return openRecorder({
    project: "acme",
    telemetry: { endpoint, headers: { tenant: "one" }, headersSecret },
    clock,
    log,
    secrets: async (name) => Promise.resolve(name === headersSecret ? secret : null),
  });
}

/** A piece of work that stores something and makes so many calls. */
async function work({ telemetry, call, stored }: Recorder, calls = 0): Promise<string> {
  return telemetry.invocation({ function: "on-work", message: "7", attempt: 1 }, async () => {
    stored();
    for (let index = 0; index < calls; index += 1) {
      await call("store.read", async () => Promise.resolve());
    }
    return Promise.resolve("done");
  });
}

function warnings(): readonly unknown[] {
  return memory.logs.map(({ message, fields }) => [message, fields["cause"], fields["lost"]]);
}

describe("work", () => {
  test("is told of with its calls, under the installation, with the headers that are asked for", async () => {
    expect(await work(open("api-key=a%20b"), 2)).toBe("done");
    expect(collector.asked[0]).toMatchObject({
      path: "/v1/traces",
      tenant: "one",
      "api-key": "a b",
    });
    expect(collector.spans.map(({ name }) => name)).toEqual([
      "on-work",
      "store.read",
      "store.read",
    ]);
    expect(collector.spans[0]?.resource).toMatchObject({
      "service.name": "slipway",
      "gcp.project_id": "acme",
    });
    expect(warnings()).toEqual([]);
  });

  test("that stores nothing and does not fail is not told of, and its failure is", async () => {
    const { telemetry } = open();
    const cause = { function: "on-tick", message: "8", attempt: 1 };
    await telemetry.invocation(cause, async () => Promise.resolve());
    expect(collector.spans).toEqual([]);
    const failing = telemetry.invocation(cause, async () =>
      Promise.reject(new TransientError("UNAVAILABLE", "the store is away")),
    );
    await expect(failing).rejects.toThrow("the store is away");
    const bug = telemetry.invocation(cause, async () => Promise.reject(new TypeError("ann@x.y")));
    await expect(bug).rejects.toThrow(TypeError);
    expect(collector.spans.map(({ error }) => error)).toEqual([
      "UNAVAILABLE: the store is away",
      "TypeError",
    ]);
  });

  test("that makes a thousand calls tells of the first, and how many it leaves out", async () => {
    await work(open(), SPANS_OF_WORK_MAX + 3);
    expect(collector.spans).toHaveLength(SPANS_OF_WORK_MAX + 1);
    expect(collector.spans[0]?.attributes).toMatchObject({ "slipway.spans_left_out": 3 });
  });

  test("outside of any message or request is done and not told of", async () => {
    expect(await open().call("store.read", async () => Promise.resolve(1))).toBe(1);
    expect(collector.asked).toEqual([]);
  });
});

describe("a notice", () => {
  test.each([
    ["told", { kind: "told", thread: null } as const, null],
    [
      "later",
      { kind: "later", reason: "Slack is busy", wait: null, thread: null } as const,
      "Slack is busy",
    ],
    ["gone", { kind: "gone", reason: "no such channel" } as const, "no such channel"],
  ])(
    "that a channel answers with %s is in its promotion's trace, and counted",
    async (outcome, answer, error) => {
      await tellBy(async () => Promise.resolve(answer));
      const [whole, call, notice] = collector.spans;
      expect(collector.spans.map(({ name }) => name)).toEqual([
        "on-notice",
        "slack.tell",
        "notice",
      ]);
      const place = placeOf(notice);
      expect(call).toMatchObject({ error, parentSpanId: place.spanId, traceId: place.traceId });
      expect(notice?.links).toEqual([placeOf(whole)]);
      const promotion = { traceId: place.traceId, spanId: notice?.parentSpanId };
      expect(whole?.links).toContainEqual(promotion);
      expect(collector.points.map(({ name, attributes }) => [name, attributes])).toEqual([
        ["slipway.notices", { "slipway.channel": "slack", "slipway.outcome": outcome }],
      ]);
    },
  );

  test("whose channel fails is counted as that", async () => {
    await expect(tellBy(fails)).rejects.toThrow("Slack is away");
    expect(collector.points[0]?.attributes).toMatchObject({ "slipway.outcome": "failed" });
    expect(collector.spans.map(({ error }) => error)).toEqual(
      Array.from({ length: 3 }, () => "UNAVAILABLE: Slack is away"),
    );
  });
});

function slackAnswers(tellSlack: () => Promise<Answer>): Telling {
  const { telling } = memoryTelling(memoryCalls({}));
  const { can } = present(telling.messengers.slack, "Slack");
  return { ...telling, messengers: { ...telling.messengers, slack: { can, tell: tellSlack } } };
}

async function fails(): Promise<never> {
  return Promise.reject(new TransientError("UNAVAILABLE", "Slack is away"));
}

const NOTICE: NoticeOnItsWay = {
  service: serviceId("web"),
  promotion: asPromotionId("r-0123456789abcdef-a1b2c3-to-prod-0001"),
  kind: "failed",
  channel: "slack",
};

/** Tells one notice as the function does, to a Slack that does that. */
async function tellBy(tellSlack: () => Promise<Answer>): Promise<void> {
  const recorder = open();
  const ports = { ...memory.ports, telling: slackAnswers(tellSlack) };
  const { telemetry, telling } = watchTelling(ports, recorder);
  const cause = { function: "on-notice", message: "7", attempt: 1 };
  await telemetry.invocation(cause, async () =>
    telemetry.notice(NOTICE, async () =>
      present(telling.messengers.slack, "Slack").tell({ kind: "slack", name: "#web" }, aMessage()),
    ),
  );
}

function placeOf(span: Place | undefined): Place {
  const { traceId, spanId } = present(span, "the span");
  return { traceId, spanId };
}

test("what stands is told for every gate, and counts go on", async () => {
  const { telemetry } = open();
  for (const waiting of [{ hold: 2 }, {}]) {
    await telemetry.invocation({ function: "on-tick", message: "1", attempt: 1 }, async () => {
      telemetry.came("on-tick", "decided");
      telemetry.stands({ waiting, outboxAge: duration(1500) });
      return Promise.resolve();
    });
  }
  const of = (name: string): readonly number[] =>
    collector.points.filter((point) => point.name === name).map(({ value }) => value);
  const held = collector.points.filter(({ attributes }) => attributes["slipway.gate"] === "hold");
  expect(held.map(({ value }) => value)).toEqual([2, 0]);
  expect(of("slipway.outbox.age")).toEqual([1.5, 1.5]);
  expect(of("slipway.events")).toEqual([1, 2]);
});

describe("a collector that", () => {
  test.each([
    ["is busy", 503, "/v1/traces answered 503"],
    ["says nothing", "silent" as const, "the collector did not answer within 1000 ms"],
  ])("%s keeps nobody, is left alone, and gets what it missed", async (_, mood, cause) => {
    const recorder = open();
    collector.answer(mood);
    expect(await work(recorder)).toBe("done");
    expect(warnings()).toEqual([["traces not sent", cause, 0]]);
    collector.answer(200);
    expect(await work(recorder)).toBe("done");
    expect(collector.asked).toHaveLength(1);
    memory.clock.advance(TELLING_REST);
    await work(recorder);
    expect(collector.spans).toHaveLength(3);
    expect(new Set(collector.spans.map(({ spanId }) => spanId)).size).toBe(3);
  });

  test("refuses for good is not told the same again", async () => {
    const recorder = open();
    collector.answer(400);
    await work(recorder, 1);
    expect(warnings()).toEqual([["traces not sent", "/v1/traces answered 400", 2]]);
    collector.answer(200);
    memory.clock.advance(TELLING_REST);
    await work(recorder);
    expect(collector.spans).toHaveLength(1);
  });

  test("is away for long costs what does not fit, and says how much", async () => {
    const recorder = open();
    collector.answer(503);
    for (let round = 0; round * SPANS_OF_WORK_MAX < SPANS_KEPT_MAX; round += 1) {
      await work(recorder, SPANS_OF_WORK_MAX);
    }
    memory.clock.advance(minutes(1));
    await work(recorder);
    expect(warnings().at(-1)).toEqual(["traces not sent", "/v1/traces answered 503", 5]);
  });

  test("nobody listens at, or whose secret is no headers, is told in the log alone", async () => {
    await collector.close();
    expect(await work(open())).toBe("done");
    expect(await work(open("nonsense"))).toBe("done");
    expect(warnings()).toEqual([
      ["traces not sent", expect.stringContaining("ECONNREFUSED"), 0],
      ["traces not sent", expect.stringContaining("projects/acme/secrets/otlp: item 1"), 0],
    ]);
    collector = await startCollector();
  });
});

/** What the doctor finds of the collector, at a path of it. */
async function diagnosis(path = ""): Promise<unknown> {
  const telemetry = { endpoint: `${collector.url}${path}`, headersSecret: null };
  const [finding] = await tracesFindings({ project: "acme", telemetry });
  return finding;
}

describe("the doctor", () => {
  test("says nothing of traces where nobody is told of them", async () => {
    expect(await tracesFindings({ project: "acme", telemetry: null })).toEqual([]);
  });

  test.each([200, 401])("is content with a collector that answers %i", async (status) => {
    collector.answer(status);
    expect(await diagnosis()).toMatchObject({ check: "traces", severity: "well" });
  });

  test("warns of an address where there is nothing, and where nobody listens", async () => {
    collector.answer(404);
    expect(await diagnosis("/v1/traces")).toMatchObject({
      severity: "warning",
      message: expect.stringContaining("/v1/traces/v1/traces") as unknown,
    });
    await collector.close();
    expect(await diagnosis()).toMatchObject({
      severity: "warning",
      message: expect.stringContaining("ECONNREFUSED") as unknown,
      mend: expect.stringContaining("gcloud logging read") as unknown,
    });
    collector = await startCollector();
  });
});
