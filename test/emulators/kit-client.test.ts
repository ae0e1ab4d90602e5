import { CloudDeployClient } from "@google-cloud/deploy";
import * as grpc from "@grpc/grpc-js";
import { PassThroughClient } from "google-auth-library";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PARENT, PIPELINE, type Release, serveReleases, textWith } from "./kit-releases.ts";

process.env["METADATA_SERVER_DETECTION"] = "none";

let server: Awaited<ReturnType<typeof serveReleases>>;
beforeEach(async () => {
  server = await serveReleases();
});
afterEach(async () => {
  await server.close();
});

/** Over REST nothing comes at all; over gRPC the status that a client makes of a broken connection. */
function lostAnswer(transport: string): RegExp {
  return transport === "gRPC" ? /UNAVAILABLE/ : /socket hang up|ECONNRESET|other side closed/;
}

describe.each(["gRPC", "REST"])("the real client over %s", (transport) => {
  let client: CloudDeployClient;
  beforeEach(() => {
    const address = { apiEndpoint: "127.0.0.1", port: server.port, projectId: "p" };
    client =
      transport === "gRPC"
        ? new CloudDeployClient({ ...address, sslCreds: grpc.credentials.createInsecure() })
        : new CloudDeployClient({
            ...address,
            fallback: true,
            protocol: "http",
            authClient: new PassThroughClient(),
          });
  });
  afterEach(async () => {
    await client.close();
  });

  async function create(releaseId: string): Promise<Release> {
    const [running] = await client.createRelease({
      parent: PIPELINE,
      releaseId,
      release: { description: `release ${releaseId}` },
    });
    const name = running.name ?? "";
    expect((await client.checkCreateReleaseProgress(name)).done).not.toBe(true);
    expect(running.metadata).toMatchObject({
      verb: "create",
      target: `${PIPELINE}/releases/${releaseId}`,
    });
    await server.clock.advance(60_000);
    const done = await client.checkCreateReleaseProgress(name);
    expect(done.done).toBe(true);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the client declares it as an object
    return done.result as Release;
  }

  test("runs a long-running operation to its end on the clock", async () => {
    const release = await create("r1");
    expect(release).toMatchObject({ name: `${PIPELINE}/releases/r1`, description: "release r1" });
  });

  test("sees every page of a list, and a page alone", async () => {
    for (const id of ["r1", "r2", "r3"]) {
      await create(id);
    }
    const [all] = await client.listReleases({ parent: PIPELINE });
    expect(all.map(({ description }) => description)).toEqual([
      "release r1",
      "release r2",
      "release r3",
    ]);
    const [page, next] = await client.listReleases(
      { parent: PIPELINE, pageSize: 1 },
      { autoPaginate: false },
    );
    expect(page).toHaveLength(1);
    expect(next?.pageToken).not.toBe("");
  });

  test("sends its headers", async () => {
    await create("r1");
    const options = { otherArgs: { headers: { "x-tint": "blue" } } };
    const [release] = await client.getRelease({ name: `${PIPELINE}/releases/r1` }, options);
    expect(release.description).toBe("release r1 blue");
  });

  test("gets a refusal with its code, message and details", async () => {
    await expect(client.getRelease({ name: `${PIPELINE}/releases/none` })).rejects.toMatchObject({
      code: grpc.status.NOT_FOUND,
      message: textWith("releases/none not found"),
    });
    await create("r1");
    await expect(
      client.createRelease({ parent: PIPELINE, releaseId: "r1", release: {} }),
    ).rejects.toMatchObject({ reason: "TWICE", domain: "d" });
  });

  test("learns the name of a method that is not there", async () => {
    await expect(
      client.getRollout({ name: `${PIPELINE}/releases/r/rollouts/o` }),
    ).rejects.toMatchObject({
      code: grpc.status.UNIMPLEMENTED,
      message: textWith("google.cloud.deploy.v1.CloudDeploy/GetRollout"),
    });
  });

  test("loses an answer although it was done", async () => {
    server.faults.add({ method: "CreateRelease", call: 1, kind: "drop-after" });
    const lost = client.createRelease({ parent: PIPELINE, releaseId: "r1", release: {} });
    await expect(lost).rejects.toThrow(lostAnswer(transport));
    expect([...server.releases.keys()]).toEqual([`${PIPELINE}/releases/r1`]);
    expect(server.faults.calls("CreateRelease")).toBe(1);
  });

  test("loses a call before anything was done", async () => {
    server.faults.add({ method: "CreateRelease", call: 1, kind: "drop-before" });
    const lost = client.createRelease({ parent: PIPELINE, releaseId: "r1", release: {} });
    await expect(lost).rejects.toThrow(lostAnswer(transport));
    expect(server.releases.size).toBe(0);
  });

  test("gets a planned refusal, and then what it asked for", async () => {
    server.faults.add({
      method: "CreateRelease",
      call: 1,
      kind: "status",
      status: "RESOURCE_EXHAUSTED",
    });
    const request = { parent: PIPELINE, releaseId: "r1", release: {} };
    await expect(client.createRelease(request)).rejects.toMatchObject({
      code: grpc.status.RESOURCE_EXHAUSTED,
    });
    await client.createRelease(request);
    expect(server.releases.size).toBe(1);
  });

  test("is told that a path of a mask is no field", async () => {
    const update = client.updateTarget({
      updateMask: { paths: ["colour"] },
      target: { name: `${PARENT}/targets/t` },
    });
    await expect(update).rejects.toMatchObject({
      code: grpc.status.INVALID_ARGUMENT,
      message: textWith("colour"),
    });
    const [fine] = await client.updateTarget({
      updateMask: { paths: ["require_approval", "run.location"] },
      target: { name: `${PARENT}/targets/t` },
    });
    expect(fine.metadata).toMatchObject({ verb: "require_approval,run.location" });
  });

  test("learns that the emulator itself is wrong", async () => {
    await expect(client.getTarget({ name: `${PARENT}/targets/t` })).rejects.toMatchObject({
      code: grpc.status.INTERNAL,
      message: textWith('Unknown name "nonsense"'),
    });
  });
});
