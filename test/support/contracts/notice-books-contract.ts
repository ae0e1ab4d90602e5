import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { claim, newBook, noteTold, noteTrouble } from "../../../shared/domain/notices/book.ts";
import type { NoticeBooks } from "../../../shared/ports/notices.ts";
import { START } from "../builders.ts";

/** Books that a test opens, and what closes them. */
export type OpenBooks = { readonly books: NoticeBooks; readonly close: () => Promise<void> };

/** A key with what no document's id may have. */
const KEY = `web slack #größe/${"a".repeat(300)}`;
const OTHER = "web slack #other";

/** What every implementation of the books does. */
export function noticeBooksContract(name: string, open: () => Promise<OpenBooks>): void {
  describe(`the books of notices ${name}`, () => {
    let opened: OpenBooks;

    beforeEach(async () => {
      opened = await open();
    });
    afterEach(async () => {
      await opened.close();
    });

    async function read(key: string): Promise<unknown> {
      return opened.books.change(key, (book) => ({ next: null, value: book }));
    }

    test("have nothing of a channel that was told nothing, and keep nothing unless they are asked to", async () => {
      expect(await read(KEY)).toBeNull();
      expect(await opened.books.ofChain("web")).toEqual([]);
    });

    test("give back what was written down, whole", async () => {
      const fresh = newBook(KEY, { chain: "web", channel: "slack #größe", told: 3 });
      const asked = claim(fresh, { holder: "message-1", upTo: 9, now: START, revision: null }).next;
      const told = noteTold(asked, 5, { subject: "p-1", message: "C1 1.2" });
      const book = noteTrouble(told, { reason: "gone", wait: null, now: START });
      expect(await opened.books.change(KEY, () => ({ next: book, value: "kept" }))).toBe("kept");
      expect(await read(KEY)).toEqual(book);
    });

    test("list those of a chain, in the order of their keys", async () => {
      for (const [key, chain] of [
        [KEY, "web"],
        [OTHER, "web"],
        ["api slack #a", "api"],
      ] as const) {
        const book = newBook(key, { chain, channel: key, told: 0 });
        await opened.books.change(key, () => ({ next: book, value: null }));
      }
      const found = await opened.books.ofChain("web");
      expect(found.map(({ key }) => key)).toEqual([KEY, OTHER].toSorted());
    });

    test("lose no change that is made at the same moment", async () => {
      const counted = await Promise.all([1, 2, 3, 4].map(async () => countIn(opened.books)));
      expect(counted.toSorted((one, other) => one - other)).toEqual([1, 2, 3, 4]);
    });
  });
}

/** Counts in a book: two that count at the same moment must not count the same. */
async function countIn(books: NoticeBooks): Promise<number> {
  return books.change(KEY, (book) => {
    const told = (book?.told ?? 0) + 1;
    return { next: newBook(KEY, { chain: "web", channel: "c", told }), value: told };
  });
}
