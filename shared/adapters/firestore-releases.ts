import type { Query } from "@google-cloud/firestore";
import type * as Library from "@google-cloud/firestore";
import type { z } from "zod";

import type { Release } from "../domain/release.ts";
import { FOUND_BY_NAME_MAX } from "../ports/store.ts";
import type { Histories } from "../ports/store.ts";
import { ImageValue, ReleaseValue } from "../wire/state/history.ts";
import { isDocumentId, SERVICES } from "./documents.ts";
import type { HistoryName } from "./documents.ts";
import { bodyOf, readOutside } from "./firestore-client.ts";
import type { OpenFirestore } from "./firestore-client.ts";
import { newestFirst, present } from "./firestore-history-page.ts";
import { readImages, readNamed, withImages } from "./firestore-named.ts";

type Releases = Pick<
  Histories,
  "release" | "named" | "imagesTagged" | "releasesFrom" | "releases" | "releasesBetween"
>;

/** Comes after every character that an id has: what begins with a prefix is before the prefix with it. */
const AFTER_ALL = "~";

/** Reads a service's releases with what is known of their images. */
export function firestoreReleases(open: OpenFirestore): Releases {
  const named: Releases["named"] = async (service, ids) => {
    if (!isDocumentId(service)) {
      return { releases: [], images: [] };
    }
    const path = `${SERVICES}/${service}`;
    return readOutside(path, async () => {
      const { firestore } = await open();
      return readNamed(async (...all) => firestore.getAll(...all), firestore.doc(path), ids);
    });
  };
  return {
    named,
    release: async (service, id) => (await named(service, [id])).releases[0] ?? null,
    releases: async (service, request) => {
      const list = { service, name: "releases" as const, by: "order", request };
      const page = await newestFirst(open, ReleaseValue, list);
      return { ...page, items: await withImagesNow(open, service, page.items) };
    },
    releasesBetween: async (service, { after, upTo, limit }) =>
      findFew(open, ReleaseValue, {
        service,
        name: "releases",
        narrow: (all) => all.orderBy("order", "desc").startAt(upTo).endBefore(after),
        limit,
      }),
    imagesTagged: async (service, tag) =>
      findFew(open, ImageValue, {
        service,
        name: "images",
        narrow: (all) => all.where("tags", "array-contains", tag),
      }),
    releasesFrom: async (service, prefix) => {
      const found = await findFew(open, ReleaseValue, {
        service,
        name: "releases",
        narrow: (all, { FieldPath }) =>
          all.orderBy(FieldPath.documentId()).startAt(prefix).endBefore(`${prefix}${AFTER_ALL}`),
      });
      return withImagesNow(open, service, found);
    },
  };
}

async function withImagesNow(
  open: OpenFirestore,
  service: string,
  releases: readonly Release[],
): Promise<readonly Release[]> {
  const path = `${SERVICES}/${service}`;
  return readOutside(path, async () => {
    const { firestore } = await open();
    const ids = releases.map(({ id }) => id);
    const images = await readImages(
      async (...all) => firestore.getAll(...all),
      firestore.doc(path),
      ids,
    );
    return withImages(releases, images);
  });
}

type Few = {
  readonly service: string;
  readonly name: HistoryName;
  readonly narrow: (all: Query, library: typeof Library) => Query;
  readonly limit?: number;
};

async function findFew<Item>(
  open: OpenFirestore,
  schema: z.ZodType<Item>,
  { service, name, narrow, limit = FOUND_BY_NAME_MAX }: Few,
): Promise<readonly Item[]> {
  if (!isDocumentId(service)) {
    return [];
  }
  const list = `${SERVICES}/${service}/${name}`;
  return readOutside(list, async () => {
    const { firestore, library } = await open();
    const { docs } = await narrow(firestore.collection(list), library).limit(limit).get();
    return docs.map((stored) => present(bodyOf(schema, stored)));
  });
}
