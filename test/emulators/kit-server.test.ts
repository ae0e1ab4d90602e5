import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { serve } from "../../emulators/kit/server.ts";
import { PARENT, PIPELINE, serveReleases, textWith } from "./kit-releases.ts";

let server: Awaited<ReturnType<typeof serveReleases>>;
beforeEach(async () => {
  server = await serveReleases();
});
afterEach(async () => {
  await server.close();
});

async function rest(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly json: unknown }> {
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(`${server.url}/v1/${path}`, {
    method,
    ...(text === undefined ? {} : { body: text }),
  });
  return { status: response.status, json: await response.json() };
}

/** An empty SETTINGS frame of HTTP/2; its type is the fourth byte. */
const SETTINGS = "\0\0\0\u0004\0\0\0\0\0";

describe("REST", () => {
  test("never ends an idle connection, on which a caller may just begin to ask", async () => {
    const socket = connect(server.port, "127.0.0.1");
    const ended = once(socket, "end");
    socket.write("GET /v1/nothing HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
    const [head] = z.tuple([z.instanceof(Buffer)]).parse(await once(socket, "data"));
    // Node announces after how long it would.
    expect(head.toString()).toMatch(/^HTTP\/1\.1 501 /);
    expect(head.toString().toLowerCase()).not.toContain("keep-alive: timeout");
    socket.end();
    await ended;
  });

  test("takes numbers for enums, gives their names, and ignores system parameters", async () => {
    const body = { description: "d", renderState: 1 };
    const query =
      "releaseId=r1&alt=json&prettyPrint=true&$fields=name&key=k&request_id=x&requestId=y";
    const created = await rest("POST", `${PIPELINE}/releases?${query}`, body);
    expect(created.status).toBe(200);
    const path = `${PIPELINE}/releases/r1`;
    expect(await rest("GET", path)).toMatchObject({ json: { renderState: "SUCCEEDED" } });
    const asked = await rest("GET", `${path}?$alt=json;enum-encoding=int`);
    expect(asked).toMatchObject({ json: { renderState: "SUCCEEDED" } });
  });

  test("decodes a path, in which a colon may be encoded", async () => {
    server.releases.set(`${PARENT}/deliveryPipelines/a b/releases/r:1`, { description: "found" });
    const found = await rest("GET", `${PARENT}/deliveryPipelines/a%20b/releases/r%3A1`);
    expect(found).toMatchObject({ status: 200, json: { description: "found undefined" } });
    expect(await rest("GET", `${PARENT}/deliveryPipelines/a/releases/%E0%A4%A`)).toMatchObject({
      status: 400,
    });
  });

  test.each([
    ["POST", `${PIPELINE}/releases?releaseId=x`, { bogus: 1 }, `Unknown name "bogus" at 'release'`],
    ["POST", `${PIPELINE}/releases?releaseId=x&bogus=1`, {}, `Unknown name "bogus"`],
    ["POST", `${PIPELINE}/releases?releaseId=x`, "{", "Invalid JSON payload"],
    [
      "GET",
      `${PIPELINE}/releases?pageSize=many`,
      undefined,
      "Invalid value at 'page_size' (TYPE_INT32), \"many\"",
    ],
  ])("refuses what is not in the API: %s %s %j", async (method, path, body, message) => {
    expect(await rest(method, path, body)).toMatchObject({
      status: 400,
      json: {
        error: {
          code: 400,
          status: "INVALID_ARGUMENT",
          message: textWith(message),
          details: [{ "@type": "type.googleapis.com/google.rpc.BadRequest" }],
        },
      },
    });
    expect(server.releases.size).toBe(0);
  });

  test("answers 501 for a method that is not there, and for a path or a verb that no method has", async () => {
    const missing = await rest("POST", `${PIPELINE}/releases/r1:abandon`, {});
    expect(missing).toMatchObject({
      status: 501,
      json: {
        error: { status: "UNIMPLEMENTED", message: textWith("AbandonRelease") },
      },
    });
    for (const path of ["nowhere", `${PIPELINE}:getIamPolicy`]) {
      expect(await rest("GET", path)).toMatchObject({
        status: 501,
        json: { error: { status: "UNIMPLEMENTED", message: textWith(`GET /v1/${path}`) } },
      });
    }
  });

  test("answers gcloud with 405 instead, which takes 501 for an outage and asks for half a minute", async () => {
    const headers = { "user-agent": "google-cloud-sdk gcloud/528.0.0 command/gcloud.deploy" };
    const told = await fetch(`${server.url}/v1/nowhere`, { headers });
    expect(told.status).toBe(405);
    expect(await told.json()).toMatchObject({
      error: { status: "UNIMPLEMENTED", message: textWith("GET /v1/nowhere") },
    });
  });

  test("lists locations", async () => {
    const { json } = await rest("GET", "projects/p/locations?pageSize=2");
    expect(JSON.stringify(json)).toContain('"projects/p/locations/us-central1"');
    expect(await rest("GET", "projects/p/locations/us-central1")).toMatchObject({ status: 501 });
  });

  test("gives an operation under the API's own paths, and refuses by name what else there is of them", async () => {
    const made = await rest("POST", `${PIPELINE}/releases?releaseId=r1`, {});
    const name = /"name":"([^"]+)"/.exec(JSON.stringify(made.json))?.[1] ?? "";
    expect(await rest("GET", name)).toMatchObject({ status: 200, json: { name } });
    expect(await rest("GET", `${name}x`)).toMatchObject({ status: 404 });
    expect(await rest("POST", `${name}:cancel`, {})).toMatchObject({
      status: 501,
      json: { error: { message: textWith("Operations/CancelOperation") } },
    });
  });

  test("has routes of an emulator's own, with refusals in the same form", async () => {
    expect(await (await fetch(`${server.url}/dashboard`)).text()).toBe("here");
    const refused = await fetch(`${server.url}/refuses`);
    expect(await refused.json()).toEqual({
      error: { code: 403, message: "not you", status: "PERMISSION_DENIED" },
    });
  });

  test("says of a bug what it is, and not where", async () => {
    const failed = await fetch(`${server.url}/fails`);
    expect(await failed.json()).toEqual({
      error: { code: 500, message: "The emulator failed: there is a bug", status: "INTERNAL" },
    });
  });

  test.each([
    ["HTTP/1.1", ["P", "U", "T /dashboard HTTP/1.1\r\nhost: localhost\r\n\r\n"], "HTTP/1.1 501"],
    ["HTTP/2", ["P", "RI * HTTP/2.0\r\n\r\nSM\r\n\r\n", SETTINGS], "\u0004"],
  ])("tells %s even when the first bytes come one by one", async (_, parts, expected) => {
    const socket = connect(server.port, "127.0.0.1");
    await once(socket, "connect");
    socket.setNoDelay(true);
    const answer = once(socket, "data");
    for (const part of parts) {
      await new Promise((resolve) => void socket.write(part, "latin1", resolve));
    }
    expect(String((await answer)[0])).toContain(expected);
    socket.destroy();
  });
});

test("a port that is taken is refused, and a closed server frees its port", async () => {
  await expect(serve({ persistence: undefined, apis: [], port: server.port })).rejects.toThrow(
    "EADDRINUSE",
  );
  const { port } = server;
  await server.close();
  const next = await serve({ persistence: undefined, apis: [], port });
  expect(next.port).toBe(port);
  await next.close();
  server = await serveReleases();
});

test("a behaviour for a method that the service lacks is refused at the start", async () => {
  const api = {
    protos: "@google-cloud/deploy/build/protos/protos.json",
    service: "google.cloud.deploy.v1.CloudDeploy",
  };
  await expect(
    serve({ persistence: undefined, apis: [{ ...api, unary: { CreateRelese: () => ({}) } }] }),
  ).rejects.toThrow("has no method CreateRelese");
});
