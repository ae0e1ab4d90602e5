import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { manualClock } from "../support/manual-clock.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import { type Collection, collection } from "../../emulators/kit/collection.ts";
import { describedFields, saidFields } from "../../emulators/kit/collection-fields.ts";
import {
  longRunning,
  operationRow,
  recordsOf,
  rowsOf,
  rulesOf,
  unaryOf,
} from "../../emulators/kit/collection-methods.ts";
import { keepMaps } from "../../emulators/kit/kept-maps.ts";
import { createOperations, type Operations } from "../../emulators/kit/operation.ts";
import { type RunningServer, serve } from "../../emulators/kit/server.ts";
import { memoryPersistence } from "../support/memory-persistence.ts";

const PLACE = "projects/acme/locations/here";
const SHELF = `${PLACE}/shelves/one`;
const BOOK = `${SHELF}/books/first`;
const IDS = { pattern: /^[a-z]{1,9}$/, rule: "1 to 9 letters" };
const PAGES = { defaultSize: 2, maxSize: 3 };
const OPERATION_MS = 1000;
const VERBS = ["create", "get", "list", "update", "delete"] as const;
const text = z.string().optional();

type ShelfDraft = { readonly label?: string };
type ShelfOwn = { readonly hidden: { readonly seen: number } };
type BookDraft = { readonly title?: string; readonly author?: string; readonly notes?: object };
type BookOwn = { readonly words: number };
type Kinds = {
  readonly operations: Operations;
  readonly shelves: Collection<ShelfDraft, ShelfOwn>;
  readonly books: Collection<BookDraft, BookOwn>;
};

/** Two kinds that no API has: books in shelves, which are deleted by operations and only empty. */
function openKinds(clock: ManualClock): Kinds {
  const operations = createOperations(clock);
  const shelves = collection<ShelfDraft, ShelfOwn>({
    type: "Shelf",
    pattern: "projects/*/locations/*/shelves/*",
    ids: { ...IDS, make: () => "made" },
    permission: "library.shelves",
    verbs: ["create", "get", "delete"],
    fields: saidFields({ label: text }, { outputOnly: [] }),
    pages: PAGES,
    begin: longRunning(operations, {
      package: "library.v1",
      runMs: () => OPERATION_MS,
      settle: () => undefined,
    }),
    create: () => ({ hidden: { seen: 0 } }),
  });
  const books = collection<BookDraft, BookOwn>({
    type: "Book",
    pattern: "projects/*/locations/*/shelves/*/books/*",
    ids: IDS,
    permission: "library.books",
    verbs: VERBS,
    fields: saidFields(
      {
        title: text,
        author: text,
        notes: z.object({ text, cover: z.unknown().optional() }).optional(),
      },
      {
        outputOnly: ["words"],
        required: ["title"],
        immutable: ["author"],
        notEmulated: ["translator", "notes.cover"],
      },
    ),
    pages: PAGES,
    parents: shelves,
    create: ({ title = "" }) => ({ words: title.split(" ").length }),
    update: ({ title = "" }) => ({ words: title.split(" ").length }),
  });
  return { operations, shelves, books };
}

type Reply = { readonly status: number; readonly json: Readonly<Record<string, unknown>> };

let clock: ManualClock;
let server: RunningServer;
beforeEach(async () => {
  clock = manualClock();
  const { operations, shelves, books } = openKinds(clock);
  server = await serve({
    clock,
    rest: [
      ...rowsOf([shelves, books], "library.v1.Library"),
      operationRow(operations, "library.operations.get"),
    ],
  });
  await send("POST", `${PLACE}/shelves?shelfId=one`);
});
afterEach(async () => server.close());

async function send(method: string, path: string, body?: object): Promise<Reply> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(`${server.url}/v1/${path}`, { method, ...sent });
  return {
    status: response.status,
    json: z.record(z.string(), z.unknown()).parse(await response.json()),
  };
}

async function createBook(id: string, body: object = { title: "A tale" }): Promise<Reply> {
  return send("POST", `${SHELF}/books?bookId=${id}`, body);
}

describe("a resource of a collection", () => {
  test("is what was said, what the service adds, and its stamps", async () => {
    const { json } = await createBook("first", { title: "A tale", words: 99, name: "other" });
    const now = "2026-11-20T10:00:00Z";
    expect(json).toEqual({
      name: BOOK,
      title: "A tale",
      words: 2,
      uid: json["uid"],
      createTime: now,
      updateTime: now,
      etag: json["etag"],
    });
    expect(json["uid"]).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(json["etag"]).toMatch(/^[0-9a-f]{16}$/);
    expect((await send("GET", BOOK)).json).toEqual(json);
  });

  test.each<[string, string, object, number]>([
    ["an id too long", "abcdefghij", { title: "x" }, 400],
    ["the longest id", "abcdefghi", { title: "x" }, 200],
    ["no id", "", { title: "x" }, 400],
    ["what is required left out", "a", {}, 400],
    ["what is not emulated", "a", { title: "x", translator: "t" }, 501],
    ["what is not emulated within", "a", { title: "x", notes: { cover: [] } }, 501],
    ["nothing of what is not emulated", "a", { title: "x", notes: { cover: {} } }, 200],
    ["what the message does not have", "a", { title: "x", colour: 1 }, 400],
  ])("with %s is answered by its status", async (_what, id, body, status) => {
    expect((await createBook(id, body)).status).toBe(status);
  });

  test("has a name that nobody else has, in a parent that is there", async () => {
    await createBook("first");
    expect(await createBook("first")).toMatchObject({ status: 409 });
    expect(await send("POST", `${PLACE}/shelves/two/books?bookId=a`, { title: "x" })).toMatchObject(
      {
        status: 404,
      },
    );
    expect((await send("GET", `${SHELF}/books/other`)).status).toBe(404);
  });

  test("changes by its mask, but for what only the service writes", async () => {
    const before = (await createBook("first", { title: "A tale", author: "Ann" })).json;
    await clock.advance(1000);
    const masked = await send("PATCH", `${BOOK}?updateMask=title,words`, {
      title: "One more tale",
      words: 99,
      author: "Bob",
    });
    expect(masked.json).toMatchObject({
      words: 3,
      author: "Ann",
      createTime: before["createTime"],
    });
    expect(masked.json["updateTime"]).toBe("2026-11-20T10:00:01Z");
    expect((await send("PATCH", `${BOOK}?updateMask=author`, { author: "Bob" })).status).toBe(400);
    expect((await send("PATCH", `${BOOK}?updateMask=title`, {})).status).toBe(400);
    const merged = await send("PATCH", BOOK, { notes: { text: "fine" } });
    expect(merged.json).toMatchObject({ title: "One more tale", notes: { text: "fine" } });
    const unchanged = await send("PATCH", `${BOOK}?updateMask=uid`, { title: "Nothing" });
    expect(unchanged.json["title"]).toBe("One more tale");
    const all = await send("PATCH", `${BOOK}?updateMask=*`, { title: "The last", author: "Ann" });
    expect(all.json).toMatchObject({ title: "The last", createTime: before["createTime"] });
    expect(all.json).not.toHaveProperty("notes");
  });

  test("is changed and deleted by the etag of now alone, where one is given", async () => {
    const { etag } = (await createBook("first")).json;
    const changed = await send("PATCH", BOOK, { title: "Another", etag });
    expect(changed.status).toBe(200);
    expect(await send("PATCH", BOOK, { title: "A third", etag })).toMatchObject({ status: 409 });
    expect((await send("DELETE", `${BOOK}?etag=${String(etag)}`)).status).toBe(409);
    expect((await send("DELETE", `${BOOK}?etag=${String(changed.json["etag"])}`)).status).toBe(200);
    expect((await send("GET", BOOK)).status).toBe(404);
  });

  test("need not be there where the caller says so", async () => {
    expect((await send("PATCH", BOOK, { title: "x" })).status).toBe(404);
    expect((await send("DELETE", BOOK)).status).toBe(404);
    expect((await send("DELETE", `${BOOK}?allowMissing=true`)).status).toBe(200);
    const made = await send("PATCH", `${BOOK}?allowMissing=true`, { title: "x" });
    expect(made.json).toMatchObject({ name: BOOK, words: 1 });
  });
});

test("a list is of a parent or of all, filtered, ordered and in pages", async () => {
  await send("POST", `${PLACE}/shelves?shelfId=two`);
  await send("POST", `${PLACE}/shelves/two/books?bookId=far`, { title: "Far" });
  for (const id of ["b", "a", "c"]) {
    await createBook(id, { title: id });
  }
  const names = async (path: string): Promise<readonly string[]> => {
    const books = z.array(z.object({ name: z.string() }));
    return books
      .parse((await send("GET", path)).json["books"])
      .map(({ name }) => name.slice(name.lastIndexOf("/") + 1));
  };
  expect(await names(`${SHELF}/books?pageSize=9`)).toEqual(["b", "a", "c"]);
  expect(await names(`${SHELF}/books?orderBy=title`)).toEqual(["a", "b"]);
  const { json } = await send("GET", `${SHELF}/books?orderBy=title`);
  const token = String(json["nextPageToken"]);
  expect(await names(`${SHELF}/books?orderBy=title&pageToken=${token}`)).toEqual(["c"]);
  expect(await names(`${PLACE}/shelves/-/books?filter=title%3DFar`)).toEqual(["far"]);
  expect((await send("GET", `${PLACE}/shelves/none/books`)).status).toBe(404);
});

test("an operation ends with the resource as it then is, or with nothing", async () => {
  const begun = await send("POST", `${PLACE}/shelves`);
  expect(begun.json).toMatchObject({
    metadata: { verb: "create", target: `${PLACE}/shelves/made` },
  });
  expect(begun.json).not.toHaveProperty("done");
  const deleted = await send("DELETE", SHELF);
  await clock.advance(OPERATION_MS);
  const ended = (await send("GET", String(begun.json["name"]))).json;
  expect(ended).toMatchObject({
    done: true,
    response: { "@type": "type.googleapis.com/library.v1.Shelf", name: `${PLACE}/shelves/made` },
  });
  expect(JSON.stringify(ended)).not.toContain("hidden");
  expect((await send("GET", String(deleted.json["name"]))).json).toMatchObject({
    response: { "@type": "type.googleapis.com/google.protobuf.Empty" },
  });
});

test("a method needs the permission of its verb on what its request names", () => {
  const { books } = openKinds(manualClock());
  const rules = rulesOf([books]);
  expect(Object.keys(unaryOf([books]))).toEqual(Object.keys(rules));
  expect(Object.keys(rules)).toEqual([
    "CreateBook",
    "GetBook",
    "ListBooks",
    "UpdateBook",
    "DeleteBook",
  ]);
  expect(rules["ListBooks"]?.({ parent: SHELF })).toEqual([
    { permission: "library.books.list", resource: SHELF },
  ]);
  expect(rules["UpdateBook"]?.({ book: { name: BOOK } })).toEqual([
    { permission: "library.books.update", resource: BOOK },
  ]);
  expect(rules["UpdateBook"]?.({ name: BOOK, book: { name: "other" } })).toEqual([
    { permission: "library.books.update", resource: BOOK },
  ]);
});

test("what a message's descriptor says of its fields counts", () => {
  const protos = "@google-cloud/run/build/protos/protos.json";
  const { outputOnly, required, stamps } = describedFields(protos, "google.cloud.run.v2.Service");
  expect([...stamps]).toEqual(["uid", "createTime", "updateTime", "etag"]);
  expect(required).toEqual(["template"]);
  expect(outputOnly.has("generation")).toBe(true);
  expect(outputOnly.has("labels")).toBe(false);
});

test("kept resources are of a type, and those of another version are refused", () => {
  const persistence = memoryPersistence();
  const { shelves } = openKinds(manualClock());
  keepMaps(persistence, "library", recordsOf([shelves]));
  shelves.run.create({ parent: PLACE, shelfId: "kept" }, 0);
  const { shelves: again } = openKinds(manualClock());
  keepMaps(persistence, "library", recordsOf([again]));
  expect(again.find(`${PLACE}/shelves/kept`).hidden).toEqual({ seen: 0 });
  expect(() => keepMaps(persistence, "library", { Book: new Map() })).toThrow("another version");
});
