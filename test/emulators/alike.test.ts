import * as grpc from "@grpc/grpc-js";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { manualClock } from "../support/manual-clock.ts";
import type { Method } from "../../emulators/kit/method.ts";
import type { RunningServer } from "../../emulators/kit/server.ts";
import {
  type Answered,
  arbitraryRequest,
  callGrpc,
  callHttp,
  type Request,
  toHttp,
  toOlder,
} from "./alike.ts";
import { textsOf } from "./alike-names.ts";
import { ALIKE_SERVICES, type AlikeService } from "./alike-services.ts";

/** For each method that is served; of another one request says it all. */
const RUNS = 8;
/** Some services have a hundred methods. */
const TIMEOUT_MS = 60_000;

/** Two that have the same in them: one is spoken to over gRPC, the other asked over REST. */
type Pair = {
  readonly spoken: RunningServer;
  readonly asked: RunningServer;
  readonly client: grpc.Client;
};

async function openPair({ start }: AlikeService): Promise<Pair> {
  const spoken = await start(manualClock());
  const asked = await start(manualClock());
  const client = new grpc.Client(spoken.grpcAddress, grpc.credentials.createInsecure());
  return { spoken, asked, client };
}

/** What one said, which the other must say too; null when REST cannot say the request. */
async function askBoth(pair: Pair, method: Method, drawn: Request): Promise<Answered | null> {
  // A pull that waits would wait for the clock, which stands still.
  const request = method.name === "Pull" ? { ...drawn, returnImmediately: true } : drawn;
  const http = toHttp(method, request);
  if (http === null) {
    return null;
  }
  const [said, told] = await Promise.all([
    callGrpc(pair.client, method, request),
    callHttp(pair.asked.url, http),
  ]);
  const isOlder = "refusal" in told && told.refusal.status === null;
  const expected = isOlder && "refusal" in said ? { refusal: toOlder(said.refusal) } : said;
  expect({ method: method.fullName, ...plain(told) }).toEqual({
    method: method.fullName,
    ...plain(expected),
  });
  expect(said).not.toMatchObject({ refusal: { status: "INTERNAL" } });
  return said;
}

/** Where a server happens to be, and what is drawn by chance. */
const CHANCE = /127\.0\.0\.1:\d+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gu;
const TRANSACTION = /"transaction":"[^"]+"/gu;

function plain(answered: Answered): object {
  const text = JSON.stringify(answered).replaceAll(CHANCE, "").replaceAll(TRANSACTION, '"":""');
  const json: unknown = JSON.parse(text);
  return { json };
}

/** Cloud SQL has every method under two versions. What deletes comes last, so that there is something for the others. */
function inOrder(methods: readonly Method[]): readonly Method[] {
  return methods
    .filter(({ isRequestStream, fullName }) => !isRequestStream && !fullName.includes(".sql.v1."))
    .toSorted((one, other) => Number(/Delete/.test(one.name)) - Number(/Delete/.test(other.name)));
}

describe.each(Object.entries(ALIKE_SERVICES))("over gRPC and over REST %s", (_name, service) => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await openPair(service);
  });
  afterAll(async () => {
    pair.client.close();
    await pair.spoken.close();
    await pair.asked.close();
  });

  test(
    "says the same to whatever is asked of any of its methods",
    async () => {
      const methods = inOrder(pair.spoken.methods);
      for (const [name, request] of service.opening) {
        const method = methods.find(({ fullName }) => fullName.endsWith(name));
        const said = method === undefined ? null : await askBoth(pair, method, request);
        expect(said, name).toHaveProperty("answer");
      }
      for (const method of methods) {
        const texts = textsOf(method, service.texts ?? {});
        const property = fc.asyncProperty(arbitraryRequest(method, texts), async (request) => {
          fc.pre((await askBoth(pair, method, request)) !== null);
        });
        const isServed = (method.unary ?? method.serverStream) !== undefined;
        const ran = await fc.check(property, { numRuns: isServed ? RUNS : 1 });
        expect(await fc.asyncDefaultReportMessage(ran), method.fullName).toBeUndefined();
      }
    },
    TIMEOUT_MS,
  );
});
