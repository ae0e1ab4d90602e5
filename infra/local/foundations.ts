import { join } from "node:path";
import { directoryBlobs } from "../../emulators/kit/blob-store.ts";
import { startArtifactRegistry } from "../../emulators/artifact-registry/server.ts";
import type { RunningArtifactRegistry } from "../../emulators/artifact-registry/server.ts";
import { startFirestore } from "../../emulators/firestore/server.ts";
import type { FirestoreServer } from "../../emulators/firestore/server.ts";
import { startIdentity } from "../../emulators/identity/server.ts";
import type { Identity } from "../../emulators/identity/server.ts";
import type { CloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import { realClock } from "../../emulators/kit/clock.ts";
import type { Clock } from "../../emulators/kit/clock.ts";
import type { Persistence } from "../../emulators/kit/persistence.ts";
import type { RunningServer } from "../../emulators/kit/server.ts";
import type { MintIdToken } from "../../emulators/pubsub/http-push.ts";
import { startPubsub } from "../../emulators/pubsub/server.ts";
import type { RunningPubsub } from "../../emulators/pubsub/server.ts";
import { startStorage } from "../../emulators/storage/server.ts";
import type { Storage } from "../../emulators/storage/server.ts";
import { cachingMint } from "./caching-mint.ts";
import type { FunctionFront } from "./function-front.ts";
import type { Official } from "./official/programs.ts";
import { type Endpoint, findPorts } from "./ports.ts";
import { OBJECTS_FOLDER } from "./saves.ts";
import { LOCAL_GROUPS, LOCAL_LOCATION, LOCAL_PROJECT, LOCAL_REPOSITORY } from "./settings.ts";

/** A failed message comes again after 0.5 s instead of 10, and after 30 s instead of 600. */
const RETRY_SPEED = 20;

/** Messages, whosever emulator has them. */
export type LocalPubsub = RunningServer & Pick<RunningPubsub, "publisher" | "idle" | "pushFaults">;

/** What everything else stands on. */
export type Foundations = {
  readonly identity: Identity;
  readonly pubsub: LocalPubsub;
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
  /** Where Google's emulators of documents and messages are, when they are to be used. */
  readonly official: Official | null;
};

/** Starts who people are, messages, documents, objects and images. The contents of images and objects are in a folder. */
export async function startFoundations(place: Place, blobDirectory: string): Promise<Foundations> {
  const { ports, persistence, access, clock } = place;
  const isScratch = !persistence.isKept;
  const issuer = startIdentity({
    port: ports.identity,
    clock,
    machineClock: realClock(),
    persistence,
    access,
    groups: LOCAL_GROUPS,
  });
  const [documents = 0, messages = 0] =
    place.official === null ? [] : await findPorts(2, Object.values(ports));
  const minting = issuer.then(({ mint }) => cachingMint(mint, clock));
  const [identity, pubsub, firestore, storage] = await Promise.all([
    issuer,
    startMessages(place, messages, async (email, audience) => (await minting)(email, audience)),
    startDocuments(place, documents),
    startStorage({
      port: ports.storage,
      clock,
      persistence,
      access,
      blobs: directoryBlobs(join(blobDirectory, OBJECTS_FOLDER), { isScratch }),
    }),
  ]);
  const registry = await startArtifactRegistry({
    clock,
    port: ports.registry,
    persistence,
    access,
    publisher: pubsub.publisher,
    blobs: directoryBlobs(blobDirectory, { isScratch }),
    defaultLocation: LOCAL_LOCATION,
    repositories: [
      {
        name: `projects/${LOCAL_PROJECT}/locations/${LOCAL_LOCATION}/repositories/${LOCAL_REPOSITORY}`,
      },
    ],
  });
  return { identity, pubsub, firestore, storage, registry };
}

async function startMessages(
  { ports, persistence, access, clock, front, official }: Place,
  behind: number,
  mintIdToken: MintIdToken,
): Promise<LocalPubsub> {
  const common = { clock, port: ports.pubsub, access, reach: front.reach, mintIdToken };
  if (official === null) {
    return startPubsub({ ...common, persistence, retrySpeed: RETRY_SPEED });
  }
  const { officialMessages } = await import("./official/messages.ts");
  return officialMessages({ ...common, behind, command: official.pubsub });
}

async function startDocuments(place: Place, behind: number): Promise<FirestoreServer> {
  const { ports, persistence, access, clock, official } = place;
  const common = { clock, persistence, access };
  if (official === null) {
    return startFirestore({ ...common, port: ports.firestore });
  }
  const { officialDocuments } = await import("./official/documents.ts");
  const own = await startFirestore(common);
  return officialDocuments(ports.firestore, { command: official.firestore, behind, own });
}
