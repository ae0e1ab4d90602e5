import { afterEach, expect, test } from "vitest";
import { answerFailure } from "../../functions/outcome.ts";
import { LOGGED, monitoring } from "../../infra/platform/table/monitoring.ts";
import { PermanentError, TransientError, UnreadableError } from "../../shared/ports/errors.ts";
import { serveFunction } from "../support/function-server.ts";
import type { FunctionServer } from "../support/function-server.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import { somePlatform } from "../support/platform/settings.ts";

const servers: FunctionServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map(async (server) => server.close()));
});

test.each([
  ["a sweep that met an unreadable service", new PermanentError("DATA_LOSS", "web"), 200, true],
  ["a failure that may pass", new TransientError("UNAVAILABLE", "away"), 503, false],
  ["a damaged document", new UnreadableError("services/web", "no state"), 200, true],
  ["a document of a later version", new UnreadableError("services/web", "newer", true), 503, false],
])(
  "%s is answered, and alerted only if nobody tries again",
  async (name, error, status, isTold) => {
    const { ports, logs } = memoryPorts();
    const server = await serveFunction(name.replaceAll(" ", "-"), (_, response) => {
      answerFailure(ports.log, response, { name: "on-tick", error });
    });
    servers.push(server);
    expect((await fetch(server.url)).status).toBe(status);
    expect(logs.map(({ message }) => message).includes(LOGGED.givenUp)).toBe(isTold);
  },
);

test("there is an alert on what was given up", () => {
  const filters = monitoring(somePlatform()).map(({ fields }) => JSON.stringify(fields));
  expect(filters.filter((text) => text.includes(LOGGED.givenUp))).toHaveLength(1);
});
