import { readFileSync } from "node:fs";
import { CloudDeployClient } from "@google-cloud/deploy";
import { expect } from "vitest";
import { startCloudDeploy } from "../../emulators/cloud-deploy/server.ts";
import type { RunningServer } from "../../emulators/kit/server.ts";
import { startCloudRun } from "../../emulators/cloud-run/server.ts";
import type { RunningCloudRun } from "../../emulators/cloud-run/server.ts";
import { manualClock } from "../support/manual-clock.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import { startMonitoring } from "../../emulators/monitoring/server.ts";
import type { RunningMonitoring } from "../../emulators/monitoring/server.ts";
import { startScheduler } from "../../emulators/scheduler/server.ts";
import type { RunningScheduler } from "../../emulators/scheduler/server.ts";
import { startStorage } from "../../emulators/storage/server.ts";
import type { Storage } from "../../emulators/storage/server.ts";
import { applySpec } from "../../infra/plan/apply-spec.ts";
import type { ApplyOutcome } from "../../infra/plan/apply-spec.ts";
import { directRecords } from "../../infra/plan/direct-records.ts";
import type { Installation } from "../../infra/plan/installation.ts";
import { endpointOptions } from "../../shared/adapters/grpc-endpoint.ts";
import { cloudDeploy as openDeploy } from "../../shared/adapters/cloud-deploy.ts";
import { UNSCOPED } from "../../shared/domain/scoping.ts";
import { promotionId } from "../../shared/domain/ids.ts";
import type { RolloutView } from "../../shared/domain/rollout.ts";
import type { Service } from "../../shared/domain/service.ts";
import { aCandidate, aPut, aReleaseOf, START } from "../support/builders.ts";
import { deliverWork } from "../support/deliver-work.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";

// Without credentials Google's clients ask the metadata server for some, which is not there.
process.env["METADATA_SERVER_DETECTION"] = "none";

const SECOND_MS = 1000;

/** Who applies in these tests. */
export const BY = "user:ann@example.com";

/** Names in the installation's own project. */
export const PARENT = "projects/slipway/locations/us-central1";

/** An installation on emulators, with records in memory. */
export type ApplySetting = {
  readonly installation: Installation;
  readonly memory: MemoryPorts;
  readonly storage: Storage;
  readonly cloudDeploy: RunningServer;
  readonly cloudRun: RunningCloudRun;
  readonly monitoring: RunningMonitoring;
  readonly scheduler: RunningScheduler;
  readonly clock: ManualClock;
  /** Another client of Cloud Deploy than the one that is tested. */
  readonly client: CloudDeployClient;
  readonly apply: (text: string) => Promise<ApplyOutcome>;
  readonly close: () => Promise<void>;
};

/** Starts Cloud Deploy, Cloud Run and Cloud Storage with nothing in them. */
export async function openApply(): Promise<ApplySetting> {
  const clock = manualClock();
  const memory = memoryPorts();
  const storage = await startStorage({ clock });
  const cloudRun = await startCloudRun({ clock });
  const scheduler = await startScheduler({ clock });
  const monitoring = await startMonitoring({ clock });
  const { runtime } = cloudRun;
  const cloudDeploy = await startCloudDeploy({ clock, objects: storage, runtime });
  const client = new CloudDeployClient(await endpointOptions(cloudDeploy.grpcAddress));
  const installation: Installation = {
    project: "slipway",
    location: "us-central1",
    pipelineProject: "own",
    sourcesBucket: "slipway-sources",
    deployAccount: "slipway-deploy@slipway.iam.gserviceaccount.com",
    probeAccount: "slipway-run@slipway.iam.gserviceaccount.com",
    scoping: UNSCOPED,
    records: settlingRecords(memory),
    looks: null,
    organization: "example.com",
    takesOver: false,
    endpoints: {
      cloudDeploy: cloudDeploy.grpcAddress,
      storage: storage.url,
      cloudRun: cloudRun.grpcAddress,
      scheduler: scheduler.grpcAddress,
      monitoring: monitoring.url,
    },
  };
  return {
    installation,
    memory,
    storage,
    cloudDeploy,
    cloudRun,
    monitoring,
    scheduler,
    clock,
    client,
    apply: (text) => applySpec(installation, text),
    close: async () => {
      await client.close();
      await Promise.all(
        [cloudDeploy, cloudRun, monitoring, scheduler, storage].map((server) => server.close()),
      );
    },
  };
}

/** Records in memory; what comes of them is done at once. */
function settlingRecords(memory: MemoryPorts): Installation["records"] {
  const records = directRecords(memory.ports, BY);
  return {
    submit: async (submission) => {
      const submitted = await records.submit(submission);
      await deliverWork(memory);
      return submitted;
    },
  };
}

/** A sample's specification. */
export function sample(id: string): string {
  return readFileSync(new URL(`../../infra/services/${id}/service.yaml`, import.meta.url), "utf8");
}

/** `action kind` of each step, or why there is none. */
export function actionsOf(outcome: ApplyOutcome): readonly string[] {
  return outcome.kind === "applied"
    ? outcome.steps.map(({ action, kind, name }) => `${action} ${kind} ${name.split("/").at(-1)}`)
    : outcome.problems.map(({ line, message }) => `${line}: ${message}`);
}

/** The service on record. */
export function recorded({ memory }: ApplySetting, id: string): Service {
  const aggregate = memory.world.store.services.get(id);
  if (aggregate === undefined) {
    throw new Error(`service ${id} is not on record`);
  }
  return aggregate.state.service;
}

/** Matches a text that contains another. */
export function containing(part: string): unknown {
  return expect.stringContaining(part);
}

/** Makes a release of an image, the first unless another is meant, and rolls it out to one environment. */
export async function deploy(
  setting: ApplySetting,
  service: Service,
  environment: string,
  image = 1,
): Promise<RolloutView | null> {
  const deployer = openDeploy({ endpoint: setting.cloudDeploy.grpcAddress });
  const candidate = aCandidate(image, { put: aPut("0123456789ab_42", image) });
  const release = aReleaseOf(service, candidate, { by: BY, at: START });
  const place = service.environments.find(({ id }) => id === environment);
  if (place === undefined) {
    throw new Error(`there is no environment ${environment}`);
  }
  const rolloutId = promotionId(release.id, place.id, 1);
  const key = { release: release.id, rollout: rolloutId };
  await deployer.createRelease(place.pipeline, release);
  await setting.clock.advance(SECOND_MS);
  const rollout = { target: place.target, description: "", startingPhase: null };
  await deployer.createRollout(place.pipeline, key, rollout);
  await setting.clock.advance(SECOND_MS);
  return deployer.getRollout(place.pipeline, key);
}
