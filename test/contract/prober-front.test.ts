import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { startCloudRun } from "../../emulators/cloud-run/server.ts";
import type { RunningCloudRun } from "../../emulators/cloud-run/server.ts";
import { startLoadBalancer } from "../../emulators/edge/load-balancer.ts";
import type { RunningLoadBalancer } from "../../emulators/edge/load-balancer.ts";
import { startEdge } from "../../emulators/edge/server.ts";
import { startMetadata } from "../../emulators/metadata/server.ts";
import { startIdentity } from "../../emulators/identity/server.ts";
import type { Identity } from "../../emulators/identity/server.ts";
import { manualClock } from "../support/manual-clock.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import type { CatalogImage } from "../../emulators/kit/image-catalog.ts";
import { startSecretManager } from "../../emulators/secret-manager/server.ts";
import type { RunningSecretManager } from "../../emulators/secret-manager/server.ts";
import { httpProber } from "../../shared/adapters/http-prober.ts";
import type { Environment } from "../../shared/domain/service.ts";
import type { ProbeView } from "../../shared/domain/probe.ts";
import { aDigest, anEnvironment, aService } from "../support/builders.ts";
import { VERIFY } from "../support/contracts/prober-contract.ts";
import { memoryClock } from "../support/memory-clock.ts";

const RUN = "run.googleapis.com";
const DOMAIN = "web.example.com";
const OPEN = { [`${RUN}/ingress`]: "all", [`${RUN}/invoker-iam-disabled`]: "true" };
const FENCED = { ...OPEN, [`${RUN}/ingress`]: "internal-and-cloud-load-balancing" };
const dev = anEnvironment("dev");

/** Who may invoke services that look who calls. */
let invoker: string | null = null;
let clock: ManualClock;
let identity: Identity;
let secrets: RunningSecretManager;
let run: RunningCloudRun;
let loadBalancer: RunningLoadBalancer;

beforeEach(async () => {
  invoker = null;
  clock = manualClock();
  [identity, secrets] = await Promise.all([
    startIdentity({ clock }),
    startSecretManager({ clock }),
  ]);
  const front = startEdge({
    issuer: identity,
    access: { allows: ({ member }) => member !== null && member === invoker },
    clock,
  });
  run = await startCloudRun({ clock, readyMs: 0, images: { find }, front });
  loadBalancer = await startLoadBalancer({ backend: run.url });
});
afterEach(async () => {
  await Promise.all([loadBalancer, run, secrets, identity].map((server) => server.close()));
});

/** Every image exists, and answers its health check with the status that is its tag. */
function find(reference: string): CatalogImage {
  const [, status = "200"] = /:(\d+)$/.exec(reference) ?? [];
  const labels = status === "200" ? {} : { "dev.slipway.emulator.healthz": status };
  return { digest: aDigest(1), tags: [], config: { env: [], labels } };
}

async function probe(
  annotations: Readonly<Record<string, string>>,
  {
    status = 200,
    environment = dev,
  }: { readonly status?: number; readonly environment?: Environment } = {},
): Promise<ProbeView> {
  const { project, region, runService } = environment;
  const image = `${aService().image}:${status}`;
  run.runtime.deploy({
    project,
    location: region,
    manifest: {
      apiVersion: "serving.knative.dev/v1",
      kind: "Service",
      metadata: { name: runService, annotations },
      spec: {
        template: { spec: { containers: [{ image, env: [{ name: "VERSION", value: "v1" }] }] } },
      },
    },
    percentage: 100,
    labels: {},
  });
  const service = `projects/${project}/locations/${region}/services/${runService}`;
  await fetch(`${loadBalancer.url}/emulator/v1/domains/${DOMAIN}`, {
    method: "PUT",
    body: JSON.stringify({ service }),
  });
  const prober = httpProber({
    cloudRun: run.grpcAddress,
    secretManager: secrets.grpcAddress,
    clock: memoryClock(),
    loadBalancer: loadBalancer.url,
  });
  return prober.probe(environment, VERIFY);
}

describe("a probe, at Google's front", () => {
  test("of a service that is open hears the service", async () => {
    expect(await probe(OPEN)).toMatchObject({ isHealthy: true, isBlocked: false, version: "v1" });
  });

  test.each([404, 500, 503])("hears the service's own %i, which condemns it", async (status) => {
    expect(await probe(OPEN, { status })).toMatchObject({ isHealthy: false, isBlocked: false });
  });

  test.each(["internal", "internal-and-cloud-load-balancing"])(
    "of a service with the ingress %s cannot tell, however it is",
    async (ingress) => {
      for (const status of [200, 500]) {
        const seen = await probe({ ...OPEN, [`${RUN}/ingress`]: ingress }, { status });
        expect(seen).toMatchObject({ isHealthy: false, isBlocked: true });
        expect(seen.detail).toContain("its ingress turns Slipway away");
      }
    },
  );

  test("of a service that it may not invoke cannot tell, and says which role", async () => {
    const seen = await probe({ [`${RUN}/ingress`]: "all" });
    expect(seen).toMatchObject({ isHealthy: false, isBlocked: true });
    expect(seen.detail).toContain("roles/run.invoker");
  });

  test("of a service that it may invoke proves who it is, and hears the service", async () => {
    const email = "slipway-run@slipway.iam.gserviceaccount.com";
    const { accessToken, mint } = identity;
    const place = { email, projectId: "acme", accessToken, mint };
    const metadata = await startMetadata(place);
    vi.stubEnv("GCE_METADATA_HOST", metadata.grpcAddress);
    try {
      expect(await probe({ [`${RUN}/ingress`]: "all" })).toMatchObject({ isBlocked: true });
      invoker = `serviceAccount:${email}`;
      const seen = await probe({ [`${RUN}/ingress`]: "all" });
      expect(seen).toMatchObject({ isHealthy: true, isBlocked: false, version: "v1" });
    } finally {
      vi.unstubAllEnvs();
      await metadata.close();
    }
  });

  test("over the service's domain hears the service, behind whatever ingress", async () => {
    const environment = { ...dev, domain: DOMAIN };
    expect(await probe(FENCED, { environment })).toMatchObject({ isHealthy: true, version: "v1" });
    for (const status of [404, 500]) {
      const seen = await probe(FENCED, { environment, status });
      expect(seen).toMatchObject({ isHealthy: false, isBlocked: false });
    }
  });

  test("over a domain that leads nowhere cannot tell", async () => {
    const environment = { ...dev, domain: "nobody.example.com" };
    expect(await probe(FENCED, { environment })).toMatchObject({ isBlocked: true });
  });
});
