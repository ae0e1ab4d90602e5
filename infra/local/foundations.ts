import { directoryBlobs } from "../../emulators/artifact-registry/blob-store.ts";
import { startArtifactRegistry } from "../../emulators/artifact-registry/server.ts";
import type { RunningArtifactRegistry } from "../../emulators/artifact-registry/server.ts";
import { startFirestore } from "../../emulators/firestore/server.ts";
import type { FirestoreServer } from "../../emulators/firestore/server.ts";
import { startIdentity } from "../../emulators/identity/server.ts";
import type { Identity } from "../../emulators/identity/server.ts";
import { cachingMint } from "../../emulators/identity/token-cache.ts";
import type { CloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import { realClock } from "../../emulators/kit/clock.ts";
import type { Clock } from "../../emulators/kit/clock.ts";
import type { Persistence } from "../../emulators/kit/persistence.ts";
import { startPubsub } from "../../emulators/pubsub/server.ts";
import type { RunningPubsub } from "../../emulators/pubsub/server.ts";
import { startStorage } from "../../emulators/storage/server.ts";
import type { Storage } from "../../emulators/storage/server.ts";
import type { FunctionFront } from "./function-front.ts";
import type { Endpoint } from "./ports.ts";
import { LOCAL_GROUPS, LOCAL_LOCATION, LOCAL_PROJECT, LOCAL_REPOSITORY } from "./settings.ts";

/** A failed message comes again after 0.5 s instead of 10, and after 30 s instead of 600. */
const RETRY_SPEED = 20;

/** What everything else stands on. */
export type Foundations = {
  readonly identity: Identity;
  readonly pubsub: RunningPubsub;
  readonly firestore: FirestoreServer;
  readonly storage: Storage;
  readonly registry: RunningArtifactRegistry;
};

/** Where the foundations are. */
type Place = {
  readonly ports: Readonly<Record<Endpoint, number>>;
  readonly persistence: Persistence;
  readonly access: CloudAccess;
  readonly clock: Clock;
  readonly front: FunctionFront;
};

/** Starts who people are, messages, documents, objects and images. The contents of images are in a folder. */
export async function startFoundations(
  { ports, persistence, access, clock, front }: Place,
  blobDirectory: string,
): Promise<Foundations> {
  const issuer = startIdentity({
    port: ports.identity,
    clock,
    machineClock: realClock(),
    persistence,
    access,
    groups: LOCAL_GROUPS,
  });
  const minting = issuer.then(({ mint }) => cachingMint(mint, clock));
  const [identity, pubsub, firestore, storage] = await Promise.all([
    issuer,
    startPubsub({
      clock,
      port: ports.pubsub,
      persistence,
      access,
      reach: front.reach,
      retrySpeed: RETRY_SPEED,
      mintIdToken: async (email, audience) => (await minting)(email, audience),
    }),
    startFirestore({ port: ports.firestore, clock, persistence, access, databases: [] }),
    startStorage({ port: ports.storage, clock, persistence, access }),
  ]);
  const registry = await startArtifactRegistry({
    clock,
    port: ports.registry,
    persistence,
    access,
    publisher: pubsub.publisher,
    blobs: directoryBlobs(blobDirectory, { isScratch: !persistence.isKept }),
    defaultLocation: LOCAL_LOCATION,
    repositories: [
      {
        name: `projects/${LOCAL_PROJECT}/locations/${LOCAL_LOCATION}/repositories/${LOCAL_REPOSITORY}`,
      },
    ],
  });
  return { identity, pubsub, firestore, storage, registry };
}
