import { SecretManagerServiceClient } from "@google-cloud/secret-manager";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { startCloudRun } from "../../emulators/cloud-run/server.ts";
import { manualClock } from "../support/manual-clock.ts";
import type { CatalogImage } from "../../emulators/kit/image-catalog.ts";
import { serve } from "../../emulators/kit/server.ts";
import type { RunningServer } from "../../emulators/kit/server.ts";
import { startSecretManager } from "../../emulators/secret-manager/server.ts";
import type { RunningSecretManager } from "../../emulators/secret-manager/server.ts";
import { endpointOptions } from "../../shared/adapters/grpc-endpoint.ts";
import { httpProber } from "../../shared/adapters/http-prober.ts";
import { SECRET_FRESH_MS } from "../../shared/adapters/secret-reader.ts";
import type { Environment } from "../../shared/domain/service.ts";
import type { ProbeView } from "../../shared/domain/probe.ts";
import { startAnswering } from "../support/answering-server.ts";
import type { AnsweringServer } from "../support/answering-server.ts";
import { aDigest, anEnvironment, anImage, aService } from "../support/builders.ts";
import { proberContract, VERIFY } from "../support/contracts/prober-contract.ts";
import type { OpenProber } from "../support/contracts/prober-contract.ts";
import { memoryClock } from "../support/memory-clock.ts";
import type { MemoryClock } from "../support/memory-clock.ts";
import { memoryPorts } from "../support/memory-ports.ts";

const IMAGE = aService().image;
const READY_MS = 500;
const secretId = "diagnostics";

proberContract("in memory", async () => {
  const { ports, world } = memoryPorts();
  return {
    prober: ports.prober,
    deploy: async ({ pipeline, target, runService }, { tag, isHealthy }) => {
      const digest = aDigest(world.cloudDeploy.running.size);
      const image = anImage(0, { digest, tags: [tag] });
      world.images.set(IMAGE, [...(world.images.get(IMAGE) ?? []), image]);
      world.cloudDeploy.running.set(`${pipeline.id}/${target}`, `${IMAGE}@${digest}`);
      world.health.set(runService, { isHealthy });
    },
    close: async () => {},
  };
});

proberContract("over HTTP", async (): Promise<OpenProber> => {
  const clock = manualClock();
  const secrets = await startSecretManager({ clock });
  const run = await startCloudRun({ clock, readyMs: READY_MS, images: { find: findImage } });
  return {
    prober: httpProber({
      cloudRun: run.grpcAddress,
      secretManager: secrets.grpcAddress,
      clock: memoryClock(),
    }),
    deploy: async ({ project, region, runService }, { tag, isHealthy }) => {
      const image = `${IMAGE}:${isHealthy ? "well" : "sick"}-${tag}`;
      const containers = [{ image, env: [{ name: "VERSION", value: tag }] }];
      run.runtime.deploy({
        project,
        location: region,
        manifest: {
          apiVersion: "serving.knative.dev/v1",
          kind: "Service",
          metadata: { name: runService },
          spec: { template: { spec: { containers } } },
        },
        percentage: 100,
        labels: {},
      });
      await clock.advance(READY_MS);
    },
    close: async () => {
      await run.close();
      await secrets.close();
    },
  };
});

/** Every image exists, and is as well as its tag says. */
function findImage(reference: string): CatalogImage {
  const labels = reference.includes(":sick-") ? { "dev.slipway.emulator.healthz": "503" } : {};
  return { digest: aDigest(1), tags: [], config: { env: [], labels } };
}

describe("a probe", () => {
  const dev = anEnvironment("dev");
  let service: AnsweringServer;
  let run: RunningServer;
  let secrets: RunningSecretManager;
  let clock: MemoryClock;
  beforeEach(async () => {
    service = await startAnswering();
    run = await startPlace({ uri: service.url });
    secrets = await startSecretManager();
    clock = memoryClock();
  });
  afterEach(async () => {
    await service.close();
    await run.close();
    await secrets.close();
  });

  async function probe(environment: Environment = dev): Promise<ProbeView> {
    const prober = open();
    return prober.probe(environment, VERIFY);
  }

  function open(deadlineMs = 5000): ReturnType<typeof httpProber> {
    return httpProber({
      cloudRun: run.grpcAddress,
      secretManager: secrets.grpcAddress,
      clock,
      deadlineMs,
    });
  }

  /** Cloud Run says another thing of the service from now on. */
  async function place(said: object): Promise<void> {
    await run.close();
    run = await startPlace(said);
  }

  async function authorization(prober: ReturnType<typeof httpProber>): Promise<unknown> {
    answerBoth({});
    await prober.probe(dev, VERIFY);
    return service.headers.at(-1)?.["authorization"];
  }

  async function placeWith(variable: object): Promise<void> {
    const env = [{ name: "DIAGNOSTICS_SECRET", ...variable }];
    await place({ uri: service.url, template: { containers: [{ env }] } });
  }

  /** Answers the health check and the question for the version alike: nobody knows which comes first. */
  function answerBoth(answer: Parameters<AnsweringServer["answer"]>[0]): void {
    service.answer(answer);
    service.answer(answer);
  }

  test("asks both paths once, without following where it is sent", async () => {
    answerBoth({ status: 302, headers: { location: `${service.url}/login` } });
    expect(await probe()).toEqual({
      isHealthy: false,
      version: null,
      isBlocked: false,
      detail: `${service.url}/-/healthz answered 302; ${service.url}/-/version answered 302`,
    });
    expect(service.asked.toSorted()).toEqual(["/-/healthz", "/-/version"]);
  });

  test("takes a version without the space around it", async () => {
    answerBoth({ body: "\n v1.2.3\n" });
    expect(await probe()).toMatchObject({ isHealthy: true, version: "v1.2.3" });
  });

  test.for([
    [{ isSilent: true }, "no answer within 200 ms", "never answers"],
    [{ body: "x".repeat(20_000) }, "more than 16384 bytes", "answers without end"],
    [{ status: 500, body: "v1" }, "answered 500", "fails"],
  ] as const)("of a service with %o says %s, as it %s", async ([answer, detail]) => {
    answerBoth(answer);
    const isSilent = "isSilent" in answer;
    const seen = await open(isSilent ? 200 : undefined).probe(dev, VERIFY);
    expect(seen).toMatchObject({ isHealthy: false, version: null });
    expect(seen.detail).toContain(detail);
  });

  test("of a service that nobody runs says that there is no answer", async () => {
    await service.close();
    const seen = await probe();
    expect(seen).toMatchObject({ isHealthy: false, version: null });
    expect(seen.detail).toContain("no answer");
  });

  test("fails when Cloud Run says of no address, or nothing", async () => {
    await place({ uri: "" });
    await expect(probe()).rejects.toMatchObject({ name: "PermanentError" });
    await run.close();
    await expect(probe()).rejects.toMatchObject({ name: "TransientError" });
  });

  test.each([401, 403])(
    "that is answered %i was not let in, and learned nothing",
    async (status) => {
      answerBoth({ status });
      expect(await probe()).toMatchObject({ isHealthy: false, isBlocked: true });
    },
  );

  test.each([
    ["INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER", true],
    ["INGRESS_TRAFFIC_ALL", false],
  ])(
    "of a path that is not found, where the ingress is %s, learned nothing: %s",
    async (ingress, isBlocked) => {
      await place({ uri: service.url, ingress });
      answerBoth({ status: 404 });
      expect(await probe()).toMatchObject({ isHealthy: false, isBlocked });
    },
  );

  test("of a well service whose version it may not see learned nothing", async () => {
    service.answer({ status: 200 });
    service.answer({ status: 403 });
    const seen = await open().probe(dev, { ...VERIFY, version: VERIFY.path });
    expect(seen.isBlocked).toBe(true);
  });

  test("of a name that leads nowhere learned nothing", async () => {
    const seen = await open().probe(dev, { ...VERIFY, url: "http://localhost:1" });
    expect(seen).toMatchObject({ isHealthy: false, isBlocked: true });
    await place({ uri: "http://nowhere.invalid" });
    expect(await probe()).toMatchObject({ isHealthy: false, isBlocked: true });
  });

  test("asks the load balancer for a domain, by its name", async () => {
    await place({
      uri: "http://nowhere.invalid",
      ingress: "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
    });
    answerBoth({ body: "v1" });
    const prober = httpProber({
      cloudRun: run.grpcAddress,
      secretManager: secrets.grpcAddress,
      clock,
      loadBalancer: service.url,
    });
    const seen = await prober.probe({ ...dev, domain: "web.example.com" }, VERIFY);
    expect(seen).toMatchObject({ isHealthy: true, version: "v1" });
    expect(service.headers.map(({ host }) => host)).toEqual(["web.example.com", "web.example.com"]);
  });

  test("without the right to read the secret asks nothing, and says which right", async () => {
    await placeWith({ valueSource: { secretKeyRef: { secret: secretId, version: "latest" } } });
    secrets.faults.add({
      method: "AccessSecretVersion",
      call: 1,
      kind: "status",
      status: "PERMISSION_DENIED",
    });
    await expect(probe()).rejects.toMatchObject({
      name: "PermanentError",
      message: expect.stringContaining("roles/secretmanager.secretAccessor") as unknown,
    });
    expect(service.asked).toEqual([]);
  });

  test("goes where the specification says, and leaves the local cloud for no name", async () => {
    await place({ uri: "http://nowhere.invalid" });
    answerBoth({ body: "v1" });
    const seen = await open().probe(dev, { ...VERIFY, url: service.url });
    expect(seen).toMatchObject({ isHealthy: true, version: "v1" });
    await place({ uri: service.url, ingress: "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" });
    answerBoth({ body: "v1" });
    const named = { ...dev, domain: "web.example.com" };
    expect(await probe(named)).toMatchObject({ isHealthy: true, version: "v1" });
  });

  test("carries the value of the running container's variable, whoever gave it", async () => {
    expect(await authorization(open())).toBeUndefined();
    await placeWith({ value: "0123456789abcdef" });
    expect(await authorization(open())).toBe("Bearer 0123456789abcdef");
  });

  test("carries that of the secret which the variable names, kept for minutes", async () => {
    await placeWith({ valueSource: { secretKeyRef: { secret: secretId, version: "latest" } } });
    const client = new SecretManagerServiceClient(await endpointOptions(secrets.grpcAddress));
    const parent = `projects/${dev.project}`;
    const prober = open();
    const seen = async (): Promise<unknown> => authorization(prober);
    expect(await seen()).toBeUndefined();
    await client.createSecret({ parent, secretId, secret: { replication: { automatic: {} } } });
    const name = `${parent}/secrets/${secretId}`;
    await client.addSecretVersion({ parent: name, payload: { data: Buffer.from("first\n") } });
    clock.advance(SECRET_FRESH_MS - 1);
    expect(await seen()).toBeUndefined();
    clock.advance(1);
    expect(await seen()).toBe("Bearer first");
    await client.addSecretVersion({ parent: name, payload: { data: Buffer.from("second") } });
    expect(await seen()).toBe("Bearer first");
    clock.advance(SECRET_FRESH_MS);
    expect(await seen()).toBe("Bearer second");
    await client.close();
  });
});

/** A Cloud Run that knows one thing: what its service is. */
async function startPlace(service: object): Promise<RunningServer> {
  return serve({
    persistence: undefined,
    apis: [
      {
        protos: "@google-cloud/run/build/protos/protos.json",
        service: "google.cloud.run.v2.Services",
        unary: { GetService: () => service },
      },
    ],
  });
}
