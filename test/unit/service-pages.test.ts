import { expect, test } from "vitest";
import { eachService } from "../../shared/app/service-pages.ts";
import { serviceId } from "../../shared/domain/ids.ts";
import { aService } from "../support/builders.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";
import { install } from "../support/storm.ts";

/** Three pages of services: 50, 50 and 20. */
const IDS = Array.from({ length: 120 }, (_, index) => `s${String(index).padStart(3, "0")}`);

async function threePages(): Promise<MemoryPorts> {
  const memory = memoryPorts();
  for (const id of IDS) {
    await install(memory.ports, aService({ id: serviceId(id) }));
  }
  return memory;
}

async function idsFrom(
  { ports }: MemoryPorts,
  from: string,
): Promise<{ readonly ids: readonly string[]; readonly pages: readonly string[] }> {
  const ids: string[] = [];
  const pages: string[] = [];
  const reached = (token: string): void => void pages.push(token);
  for await (const found of eachService(ports, { inFlight: false, from, reached })) {
    ids.push(found.kind === "readable" ? found.seen.state.service.id : found.service);
  }
  return { ids, pages };
}

test("all services come once, page by page", async () => {
  const { ids, pages } = await idsFrom(await threePages(), "");
  expect(ids).toEqual(IDS);
  expect(pages).toHaveLength(3);
});

test("from a page on, the pages before it come last", async () => {
  const memory = await threePages();
  const { pages } = await idsFrom(memory, "");
  const { ids } = await idsFrom(memory, pages[1] ?? "");
  expect(ids).toEqual([...IDS.slice(50), ...IDS.slice(0, 50)]);
});

test("a page that nobody knows any more is the first one", async () => {
  expect((await idsFrom(await threePages(), "of another version")).ids).toEqual(IDS);
});

test("where pages begin may move in between: nobody is left out, and it ends", async () => {
  const memory = await threePages();
  const { pages } = await idsFrom(memory, "");
  memory.world.store.services.delete("s010");
  const { ids } = await idsFrom(memory, pages[1] ?? "");
  expect(new Set(ids)).toEqual(new Set(IDS.filter((id) => id !== "s010")));
});
