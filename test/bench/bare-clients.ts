import { ArtifactRegistryClient } from "@google-cloud/artifact-registry";
import { CloudDeployClient } from "@google-cloud/deploy";
import { Firestore } from "@google-cloud/firestore";
import { v1 } from "@google-cloud/pubsub";
import { z } from "zod";
import { endpointOptions } from "../../shared/adapters/grpc-endpoint.ts";
import type { Clients, Commit, Sample } from "./bare-event.ts";

/** Where the emulators are, and the project. */
export type BareEndpoints = {
  readonly project: string;
  readonly firestore: string;
  readonly cloudDeploy: string;
  readonly registry: string;
  readonly pubsub: string;
};

/** The collection with copies of services, beside the real one, and the document that all share. */
export const BARE_SERVICES = "bareServices";
/** A copy of the control document. */
export const BARE_CONTROL = "bareControl/slipway";

/** What is asked of Firestore. */
export type FirestoreCalls = {
  readonly findService: (service: string) => Promise<void>;
  readonly readControl: () => Promise<void>;
  readonly readRelease: (service: string, release: string) => Promise<void>;
  /** Writes the service and its history at once. */
  readonly commit: (service: string, commit: Commit | undefined) => Promise<void>;
  /** Writes what became of the event. */
  readonly keepEvent: (event: string) => Promise<void>;
};

/** What is asked of Cloud Deploy. */
export type DeployCalls = {
  readonly createRelease: (sample: Sample, release: string) => Promise<void>;
  readonly createRollout: (sample: Sample, release: string) => Promise<void>;
};

/** What is asked of Artifact Registry and Pub/Sub. */
export type OtherCalls = {
  readonly readImage: (name: string) => Promise<void>;
  /** Reads the manifest and the configuration that it names. */
  readonly inspectImage: (sample: Sample) => Promise<void>;
  readonly publish: (messages: readonly string[]) => Promise<void>;
};

const Manifest = z.object({ config: z.object({ digest: z.string() }) });

/** Opens Google's clients on the emulators. */
export async function openBareClients(endpoints: BareEndpoints): Promise<Clients> {
  const { PassThroughClient } = await import("google-auth-library");
  const firestore = new Firestore({
    projectId: endpoints.project,
    preferRest: false,
    host: endpoints.firestore,
    ssl: false,
    authClient: new PassThroughClient(),
  });
  const deploy = new CloudDeployClient(await endpointOptions(endpoints.cloudDeploy));
  const registry = new ArtifactRegistryClient(await endpointOptions(endpoints.registry));
  const publisher = new v1.PublisherClient(await endpointOptions(endpoints.pubsub));
  const topic = `projects/${endpoints.project}/topics/slipway-audit`;
  return {
    ...firestoreCalls(firestore),
    ...deployCalls(deploy),
    readImage: async (name) => {
      await registry.getDockerImage({ name });
    },
    inspectImage: async ({ files, digest }) => {
      const base = `http://${endpoints.registry}${files}`;
      const manifest = await fetch(`${base}/manifests/${digest}`);
      const { config } = Manifest.parse(await manifest.json());
      await (await fetch(`${base}/blobs/${config.digest}`)).json();
    },
    publish: async (messages) => {
      const data = messages.map((text) => ({
        data: Buffer.from(text, "base64"),
        orderingKey: "bare",
      }));
      await publisher.publish({ topic, messages: data });
    },
  };
}

function firestoreCalls(firestore: Firestore): FirestoreCalls {
  const services = firestore.collection(BARE_SERVICES);
  const control = firestore.doc(BARE_CONTROL);
  return {
    findService: async (service) => {
      await services.where("image", "==", service).limit(500).get();
    },
    readControl: async () => {
      await control.get();
    },
    readRelease: async (service, release) => {
      await services.doc(service).collection("releases").doc(release).get();
    },
    commit: async (service, commit) => {
      const reference = services.doc(service);
      const batch = firestore.batch();
      batch.set(reference, { ...commit?.service, image: service });
      for (const [name, copies] of Object.entries(commit?.history ?? {})) {
        copies.forEach(({ id, fields }) =>
          batch.set(reference.collection(name).doc(id), { ...fields }),
        );
      }
      await batch.commit();
    },
    keepEvent: async (event) => {
      const body = { id: event, trigger: "on-image-push", outcome: "decided", why: "taken" };
      const kept = { schemaVersion: 1, at: 0, expireAt: new Date(0), body };
      await firestore.doc(`bareDecisions/${event}`).set(kept);
    },
  };
}

function deployCalls(deploy: CloudDeployClient): DeployCalls {
  return {
    createRelease: async ({ pipeline, release: body }, releaseId) => {
      const request = { parent: pipeline, releaseId, release: { ...body } };
      const [operation] = await deploy.createRelease(request);
      await operation.promise();
    },
    createRollout: async ({ pipeline, target, description }, release) => {
      const [operation] = await deploy.createRollout({
        parent: `${pipeline}/releases/${release}`,
        rolloutId: `${release}-to-dev-0001`,
        rollout: { targetId: target, description },
      });
      await operation.promise();
    },
  };
}
