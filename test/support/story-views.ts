import { verifyChain } from "../../shared/adapters/canonical-hash.ts";
import type { ShownRecord } from "../../shared/adapters/canonical-hash.ts";
import { EMPTY_CHAIN } from "../../shared/domain/audit-record.ts";
import type { LocalRole } from "../../infra/local/settings.ts";
import { ExplanationView } from "../../shared/wire/api/explanation.ts";
import { AuditList, PromotionView, ServiceView } from "../../shared/wire/api/schemas.ts";
import type { StoryWorld } from "./story-world.ts";
import { until } from "./until.ts";

/** How a release stands to production, as `explain` says it: the gates that are closed, and the step that runs. */
export type Explained = {
  readonly standing: string;
  readonly closed: readonly string[];
  readonly step: string | null;
  readonly summary: string;
};

const BEING_READ = /^the incidents of .* are being read, /;

/** More than a story has. */
const RECORDS_MAX = 1000;

/**
 * What `explain` says of the newest release, or of a given one, in production. Whoever asks has the incidents read if
 * nobody has lately, and asks again until they are.
 */
export async function explain(
  world: StoryWorld,
  service: string,
  release?: string,
): Promise<Explained> {
  const query = release === undefined ? "" : `?release=${release}`;
  const path = `/v1/services/${service}/environments/prod:explain${query}`;
  const { standing, gates, promotion, summary } = await until(
    "production's incidents are known",
    async () => ExplanationView.parse(await read(world, path)),
    (explanation) => explanation.gates.every(({ reason }) => !BEING_READ.test(reason ?? "")),
  );
  const step = promotion?.steps.find(({ state }) => state === "RUNNING") ?? null;
  return {
    standing,
    closed: gates.filter(({ verdict }) => verdict === "CLOSED").map(({ gate }) => gate),
    step: standing === "UNDER_WAY" ? (step?.name ?? null) : null,
    summary,
  };
}

/** The same once the incidents were read, as they are when somebody asks and nobody has read them yet. */
export async function explainRead(
  world: StoryWorld,
  service: string,
  release?: string,
): Promise<Explained> {
  return until(
    "production's incidents are known",
    async () => explain(world, service, release),
    ({ closed }) => !closed.includes("incident"),
  );
}

/** The tag that runs in each environment; null where nothing does. */
export async function running(
  world: StoryWorld,
  service: string,
): Promise<Readonly<Record<string, string | null>>> {
  const { environments } = ServiceView.parse(await read(world, `/v1/services/${service}`));
  return Object.fromEntries(environments.map(({ id, current }) => [id, current?.tag ?? null]));
}

/** A promotion as it is. */
export async function promotionOf(
  world: StoryWorld,
  id: string,
): Promise<ReturnType<(typeof PromotionView)["parse"]>> {
  return PromotionView.parse(await read(world, `/v1/promotions/${id}`));
}

/** Asks for something that ends in a promotion, and gives its id. @throws Error when it is refused. */
export async function ask(
  world: StoryWorld,
  who: LocalRole,
  { line, body }: { readonly line: string; readonly body: object },
): Promise<string> {
  const { status, body: answer } = await world.call(who, `POST ${line}`, body);
  if (status >= 400) {
    throw new Error(`POST ${line} answered ${status}: ${JSON.stringify(answer)}`);
  }
  return PromotionView.parse(answer).id;
}

/** Every record of a service, in order, after their chain has been verified. @throws Error when it is broken. */
export async function verifiedRecords(
  world: StoryWorld,
  service: string,
): Promise<readonly ShownRecord[]> {
  const path = `/v1/audit?service=${service}&pageSize=${RECORDS_MAX}`;
  const { records } = AuditList.parse(await read(world, path));
  const verified = verifyChain(EMPTY_CHAIN, records);
  if (!verified.ok) {
    throw new Error(`record ${verified.refusal.sequence}: ${verified.refusal.reason}`);
  }
  return records;
}

const REQUESTS = 20;

/** How many of twenty requests each version of a Cloud Run service answers. */
export async function answering(
  { cloud }: StoryWorld,
  { project, service }: { readonly project: string; readonly service: string },
): Promise<Readonly<Record<string, number>>> {
  const url = `${cloud.emulators.loadBalancer.url}/${project}/us-central1/${service}/-/version`;
  const counts: Record<string, number> = {};
  for (let request = 1; request <= REQUESTS; request += 1) {
    const version = (await (await fetch(url)).text()).trim();
    counts[version] = (counts[version] ?? 0) + 1;
  }
  return counts;
}

/** What the API answers to a viewer. @throws Error when it refuses. */
export async function read(world: StoryWorld, path: string): Promise<unknown> {
  const { status, body } = await world.call("viewer", `GET ${path}`);
  if (status !== 200) {
    throw new Error(`GET ${path} answered ${status}: ${JSON.stringify(body)}`);
  }
  return body;
}
