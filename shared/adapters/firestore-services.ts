import type { Query, QuerySnapshot } from "@google-cloud/firestore";
import type * as Library from "@google-cloud/firestore";

import { assert } from "../domain/assert.ts";
import type { Aggregates, Page, ListedService, SeenService } from "../ports/store.ts";
import { ControlAggregateValue } from "../wire/state/aggregate.ts";
import { ownerKey, PRESENT } from "../domain/search-keys.ts";
import { CONTROL, isDocumentId, SERVICES } from "./documents.ts";
import { bodyOf, readOutside } from "./firestore-client.ts";
import type { OpenFirestore } from "./firestore-client.ts";
import { queryPage } from "./firestore-page.ts";
import { FIRST_CONTROL } from "./firestore-transactions.ts";
import { inProject, SERVICES_FOUND_MAX, withImage, withPipeline } from "./service-queries.ts";
import { globalHoldsOf, listService, seeService } from "./service-snapshot.ts";

/** Reads aggregates outside transactions. */
export function firestoreServices(open: OpenFirestore): Aggregates {
  async function find(
    about: string,
    narrow: (services: Query) => Query,
  ): Promise<readonly ListedService[]> {
    return readOutside(about, async () => {
      const { firestore } = await open();
      return withGlobalHolds(open, await narrow(firestore.collection(SERVICES)).get());
    });
  }
  return {
    read: async (service) =>
      isDocumentId(service) ? readOne(open, `${SERVICES}/${service}`) : null,
    readControl: async () =>
      readOutside(CONTROL, async () => {
        const { firestore } = await open();
        return bodyOf(ControlAggregateValue, await firestore.doc(CONTROL).get()) ?? FIRST_CONTROL;
      }),
    findByImage: async (repository) =>
      readOutside(`services of image ${repository}`, async () => {
        const { firestore } = await open();
        const { docs } = await withImage(firestore.collection(SERVICES), repository).get();
        return docs.map((stored) => listService(stored, null));
      }),
    findByPipeline: async (pipeline) =>
      find(`services of pipeline ${pipeline}`, (all) => withPipeline(all, pipeline)),
    findByProject: async (project) =>
      find(`services in project ${project}`, (all) => inProject(all, project)),
    countServices: async (owner) =>
      readOutside("services", async () => {
        const { firestore, library } = await open();
        const keys = [PRESENT, ...(owner === null ? [] : [ownerKey(owner)])];
        const query = havingKeys(library, firestore.collection(SERVICES), keys);
        return (await query.count().get()).data().count;
      }),
    listHeld: async () =>
      find("services with holds", (all) => all.where("held", "==", true).limit(SERVICES_FOUND_MAX)),
    listServices: async ({ inFlight, having = [], ...request }) => {
      const list = inFlight ? "services in flight" : "services";
      return readOutside(list, async (): Promise<Page<ListedService>> => {
        const { firestore, library } = await open();
        const all = firestore.collection(SERVICES);
        const listed = inFlight ? all.where("inFlight", "==", true) : all;
        const query = havingKeys(library, listed, having);
        const page = await queryPage(open, query, { list, by: null, request });
        const items = await withGlobalHolds(open, page);
        return { items, nextPageToken: page.nextPageToken };
      });
    },
  };
}

/** Equalities alone need no index of their own: Firestore merges those that each field has. */
function havingKeys(
  { FieldPath }: typeof Library,
  services: Query,
  keys: readonly string[],
): Query {
  return keys.reduce(
    (narrow, key) => narrow.where(new FieldPath("search", key), "==", true),
    services,
  );
}

async function readOne(open: OpenFirestore, path: string): Promise<SeenService | null> {
  return readOutside(path, async () => {
    const { firestore } = await open();
    const [stored, control] = await firestore.getAll(firestore.doc(path), firestore.doc(CONTROL));
    assert(stored !== undefined && control !== undefined, "each document asked for is answered");
    return seeService(stored, globalHoldsOf(control));
  });
}

async function withGlobalHolds(
  open: OpenFirestore,
  { docs }: Pick<QuerySnapshot, "docs">,
): Promise<readonly ListedService[]> {
  if (docs.length === 0) {
    return [];
  }
  const { firestore } = await open();
  const holds = globalHoldsOf(await firestore.doc(CONTROL).get());
  return docs.map((stored) => listService(stored, holds));
}
