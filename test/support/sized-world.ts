import { gzipSync } from "node:zlib";
import { Firestore } from "@google-cloud/firestore";
import { PassThroughClient } from "google-auth-library";
import { startFirestore } from "../../emulators/firestore/server.ts";
import type { FirestoreServer } from "../../emulators/firestore/server.ts";
import { webFunction } from "../../functions/web.ts";
import { firestoreStore } from "../../shared/adapters/firestore-store.ts";
import type { Ports } from "../../shared/ports/ports.ts";
import { PEOPLE, startApiWorld } from "./api-world.ts";
import { serveFunction } from "./function-server.ts";
import { seedDocuments } from "./seed-documents.ts";
import { historyMinutes, sizedDocuments } from "./sized-documents.ts";
import type { Size } from "./sized-documents.ts";
import { LOCAL_PAGES } from "./web-world.ts";
import { DATABASE, makeDatabase } from "./local-database.ts";

/** What a page costs: what it reads, and in how many calls, what it weighs as it is sent, and how long it took. */
export type PageCost = {
  readonly name: string;
  readonly status: number;
  readonly reads: number;
  readonly calls: number;
  readonly bytes: number;
  readonly ms: number;
  readonly text: string;
};

/** The pages of an installation of a size, on the local Firestore with the indexes that an installation makes. */
export type SizedWorld = {
  readonly ports: Ports;
  readonly firestore: FirestoreServer;
  /** The documents as they are stored, for what no port does. */
  readonly raw: Firestore;
  /** The id of a promotion that is under way. */
  readonly promotion: string;
  /** Opens a page as somebody who may read everything, and says what that cost. */
  readonly open: (name: string, path: string) => Promise<PageCost>;
  readonly close: () => Promise<void>;
};

const PROJECT = "slipway";
const [, , , DATABASE_ID = ""] = DATABASE.split("/");
const NAME = `projects/${PROJECT}/databases/${DATABASE_ID}`;

let count = 0;

/** Starts it, with documents as the product itself encodes them. */
export async function openSizedWorld(size: Size): Promise<SizedWorld> {
  const firestore = await startFirestore();
  await makeDatabase(firestore, NAME);
  const raw = new Firestore({
    projectId: PROJECT,
    databaseId: DATABASE_ID,
    host: firestore.grpcAddress,
    ssl: false,
    authClient: new PassThroughClient(),
  });
  const { documents, promotion } = await sizedDocuments(size);
  await seedDocuments(raw, documents);
  const api = await startApiWorld(LOCAL_PAGES);
  api.memory.clock.advance(historyMinutes(size) * 60_000);
  const store = firestoreStore({
    project: PROJECT,
    endpoint: firestore.grpcAddress,
    database: DATABASE_ID,
  });
  const ports = { ...api.wiring.ports, store };
  count += 1;
  const server = await serveFunction(
    `sized-web-${count}`,
    webFunction(async () => ({ ...api.wiring, ports })),
  );
  return {
    ports,
    firestore,
    raw,
    promotion,
    open: async (name, path) => openPage({ firestore, url: server.url }, name, path),
    close: async () => {
      await server.close();
      await api.close();
      await raw.terminate();
      await firestore.close();
    },
  };
}

async function openPage(
  { firestore, url }: { readonly firestore: FirestoreServer; readonly url: string },
  name: string,
  path: string,
): Promise<PageCost> {
  const headers = { cookie: `slipway-person=${PEOPLE.viewer}` };
  const before = firestore.usage();
  const startMs = performance.now();
  const response = await fetch(`${url}${path}`, { headers, redirect: "manual" });
  const text = await response.text();
  const ms = performance.now() - startMs;
  const after = firestore.usage();
  return {
    name,
    status: response.status,
    reads: after.reads - before.reads,
    calls: after.calls - before.calls,
    bytes: gzipSync(text).length,
    ms,
    text,
  };
}
