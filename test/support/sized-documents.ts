import {
  auditDocumentId,
  sumPath,
  toAuditDocument,
  toImageDocument,
  toPromotionDocument,
  toReleaseDocument,
  toServiceDocument,
  toSumDocument,
  toTimelineDocument,
} from "../../shared/adapters/documents.ts";
import type { StoredFields } from "../../shared/adapters/documents.ts";
import { holdId } from "../../shared/domain/ids.ts";
import { sumOf } from "../../shared/domain/numbers/sum.ts";
import { instant } from "../../shared/domain/time.ts";
import type { ServiceAggregate } from "../../shared/ports/store.ts";
import { ServiceAggregateValue } from "../../shared/wire/state/aggregate.ts";
import { AuditRecordValue } from "../../shared/wire/state/audit.ts";
import {
  ImageValue,
  PromotionValue,
  ReleaseValue,
  TimelineEntryValue,
} from "../../shared/wire/state/history.ts";
import { anEnvironment, aPolicy, aService, START } from "./builders.ts";
import { memoryPorts } from "./memory-ports.ts";
import { present } from "./present.ts";
import { happen, install } from "./storm.ts";

/** How large an installation is. */
export type Size = {
  readonly services: number;
  /** Entries of the timeline of all services together; half of them are of the first service, one each minute. */
  readonly entries: number;
};

/** Over how many minutes the history of an installation of a size goes. */
export function historyMinutes({ entries }: Size): number {
  return Math.ceil(entries / 2);
}

const MINUTE_MS = 60_000;

/** More records than any page reads. */
const RECORDS_OF_FIRST = 400;

/** A document, and where it is. */
export type SizedDocument = { readonly path: string; readonly fields: StoredFields };

/** With five digits an id is as long as it may be. */
const ID_START = "a-service-many-";
const LONG_NAME = "the service that has the longest name of all services that its department has";
const OWNERS = ["platform-engineering", "payments-and-billing"];

/** How many services are held. */
const HELD_COUNT = 3;

/** The id of a service, by its number. */
export function sizedId(number: number): string {
  return `${ID_START}${String(number).padStart(5, "0")}`;
}

/** How many images of the model were pushed. */
const MODEL_PUSHES = 3;

/** What one service has after some releases, in the texts in which it is stored. */
type Model = {
  readonly service: string;
  readonly release: string;
  readonly image: string;
  readonly promotion: string;
  readonly entry: string;
  readonly records: readonly string[];
};

/** Every document of such an installation, as the product encodes it, and a promotion of the first service. */
export async function sizedDocuments(
  size: Size,
): Promise<{ readonly documents: Iterable<SizedDocument>; readonly promotion: string }> {
  const model = await makeModel();
  const { id } = PromotionValue.parse(own(model.promotion, 1));
  return { documents: documentsOf(model, size), promotion: id };
}

/** What so many releases of one service leave behind, beside the service's own document. */
export async function releasedDocuments(count: number): Promise<Iterable<SizedDocument>> {
  return historyOf(await makeModel(), count);
}

function* historyOf(model: Model, count: number): Iterable<SizedDocument> {
  const path = `services/${sizedId(1)}`;
  const image = toImageDocument(ImageValue.parse(own(model.image, 1)));
  const release = toReleaseDocument(ReleaseValue.parse(own(model.release, 1)));
  const promotion = toPromotionDocument(PromotionValue.parse(own(model.promotion, 1)));
  const entry = toTimelineDocument(TimelineEntryValue.parse(own(model.entry, 1)));
  const records = model.records.map((text) => AuditRecordValue.parse(own(text, 1)));
  const each = Math.round(records.length / MODEL_PUSHES);
  for (let index = 0; index < count; index += 1) {
    yield { path: `${path}/images/sha256-${index}`, fields: image };
    yield { path: `${path}/releases/r-${index}`, fields: release };
    yield { path: `${path}/promotions/${index}`, fields: promotion };
    yield { path: `${path}/timeline/${index}`, fields: entry };
    for (let place = 0; place < each; place += 1) {
      const sequence = index * each + place + 1;
      const record = records[sequence % records.length];
      if (record !== undefined) {
        const fields = toAuditDocument({ ...record, sequence });
        yield { path: `${path}/audit/${auditDocumentId(sequence)}`, fields };
      }
    }
  }
}

/** A service that has gone through what services go through; the storms' own, so that it is as the product made it. */
async function makeModel(): Promise<Model> {
  const memory = memoryPorts();
  const policy = aPolicy({ approvals: null });
  const environments = [
    anEnvironment("development"),
    anEnvironment("internal-dogfood", { stage: 1, category: "internal", policy }),
    anEnvironment("production-emea", { stage: 2, category: "external", policy }),
  ];
  await install(memory.ports, aService({ environments, owners: ["OWNER"], name: LONG_NAME }));
  for (let image = 1; image < MODEL_PUSHES; image += 1) {
    await happen(memory, { kind: "push", image });
    await happen(memory, { kind: "wait", minutes: 4 });
    await happen(memory, { kind: "roll", isNotified: true });
  }
  await happen(memory, { kind: "push", image: MODEL_PUSHES });
  const { services, releases, images, promotions, timeline, records } = memory.world.store;
  return {
    service: JSON.stringify(present(services.get("web"), "the service")),
    release: last(releases),
    image: last(images),
    promotion: last(promotions),
    entry: last(timeline),
    records: (records.get("web") ?? []).map((record) => JSON.stringify(record)),
  };
}

/** What was stored last, as text. */
function last(map: ReadonlyMap<string, unknown>): string {
  return JSON.stringify(present([...map.values()].at(-1), "something that was stored"));
}

function* documentsOf(model: Model, size: Size): Iterable<SizedDocument> {
  const perService = Math.floor(size.entries / 2 / Math.max(1, size.services - 1));
  const end = START + historyMinutes(size) * MINUTE_MS;
  for (let number = 1; number <= size.services; number += 1) {
    const path = `services/${sizedId(number)}`;
    yield { path, fields: toServiceDocument(serviceOf(model, number)) };
    const image = ImageValue.parse(own(model.image, number));
    yield { path: `${path}/images/${image.id}`, fields: toImageDocument(image) };
    const release = ReleaseValue.parse(own(model.release, number));
    yield { path: `${path}/releases/${release.id}`, fields: toReleaseDocument(release) };
    const promotion = PromotionValue.parse(own(model.promotion, number));
    yield { path: `${path}/promotions/${promotion.id}`, fields: toPromotionDocument(promotion) };
    yield* recordsOf(model, { path, number, end });
    const entries = number === 1 ? Math.floor(size.entries / 2) : perService;
    const entry = TimelineEntryValue.parse(own(model.entry, number));
    const spaceMs = (end - START) / Math.max(1, entries);
    for (let index = 0; index < entries; index += 1) {
      const since = instant(Math.floor(end - index * spaceMs));
      const deployment = { ...entry.deployment, since };
      const to = index === 0 ? null : instant(Math.floor(since + spaceMs));
      const fields = toTimelineDocument({ ...entry, deployment, to });
      yield { path: `${path}/timeline/${entry.id}-${index}`, fields };
    }
  }
  const sum = sumOf(serviceOf(model, 1).state.service, serviceOf(model, 1).numbers);
  for (const owner of [null, ...OWNERS]) {
    yield { path: sumPath(owner), fields: toSumDocument(owner, sum) };
  }
}

/** What happened to a service, and so much more to the first that no page shows all of it. */
function* recordsOf(
  model: Model,
  { path, number, end }: { readonly path: string; readonly number: number; readonly end: number },
): Iterable<SizedDocument> {
  const count = number === 1 ? RECORDS_OF_FIRST : 1;
  for (let index = 0; index < count; index += 1) {
    const text = model.records[index % model.records.length] ?? "";
    const record = AuditRecordValue.parse(own(text, number));
    const time = instant(end - (count - index) * MINUTE_MS);
    const sequence = index + 1;
    const fields = toAuditDocument({ ...record, kind: "hold.placed", sequence, time });
    yield { path: `${path}/audit/${auditDocumentId(sequence)}`, fields };
  }
}

/** The service of the model under the name of another. */
function serviceOf(model: Model, number: number): ServiceAggregate {
  const aggregate = ServiceAggregateValue.parse(own(model.service, number));
  const { state } = aggregate;
  const { service } = state;
  const hold = {
    id: holdId(`hold-${number}`),
    scope: { kind: "service" as const, service: service.id },
    reason: "the yearly stock-taking",
    by: "user:ann@example.com",
    asOncall: false,
    createdAt: START,
    until: null,
  };
  const length = number === 1 ? RECORDS_OF_FIRST : 1;
  const head = { ...aggregate.chain.head, sequence: length };
  return {
    ...aggregate,
    due: [],
    chain: { head, published: length },
    state: {
      ...state,
      service: { ...service, owners: [OWNERS[number % OWNERS.length] ?? ""] },
      holds: number <= HELD_COUNT ? [hold] : [],
      globalHolds: [],
      windows: {},
      images: {},
    },
  };
}

/** A text of the model as one of another service. Ids of releases are those of images: they may be the same. */
function own(text: string, number: number): unknown {
  const renamed = text.replaceAll(/\bweb\b/g, sizedId(number));
  return JSON.parse(renamed.replaceAll(/-to-(?=[a-z])/g, `-${number}-to-`));
}
