import type { z } from "zod";
import { ExplanationView } from "../../shared/wire/api/explanation.ts";
import { ErrorBody, ServiceView } from "../../shared/wire/api/schemas.ts";
import { pathOf } from "./api.ts";
import type { Api } from "./api.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { isEnded } from "./promotion-text.ts";
import type { Promotion } from "./promotion-text.ts";

type Explanation = z.output<typeof ExplanationView>;
type Environment = z.output<typeof ServiceView>["environments"][number];

/** What is waited for: a release by id, tag or digest, in an environment; null is where new images go first. */
export type Wanted = {
  readonly service: string;
  readonly environment: string | null;
  readonly release: string;
};

/** How far the release is, in one sentence. */
export type Arrival = {
  /** `person`: it goes no further until somebody does something. */
  readonly kind: "reached" | "failed" | "person" | "pending";
  readonly environment: string;
  /** The release's id; null while there is none. */
  readonly release: string | null;
  readonly promotion: string | null;
  readonly text: string;
  /** Commands that would help. */
  readonly advice: readonly string[];
};

/** Gates that only a person opens. A hold that ends by itself is waited for. */
const PERSONAL_GATES: ReadonlySet<string> = new Set(["approval", "hold", "bad-release"]);

/** Looks once how far a release is. @throws CliError when the API refuses or does not answer. */
export async function lookForArrival(api: Api, wanted: Wanted): Promise<Arrival> {
  const { environments } = await api.get(pathOf("services", wanted.service), ServiceView);
  const place =
    wanted.environment === null
      ? environments[0]
      : environments.find(({ id }) => id === wanted.environment);
  if (place === undefined) {
    const names = environments.map(({ id }) => id).join(", ");
    const message = `service ${wanted.service} has no environment ${wanted.environment ?? ""}: it has ${names}`;
    throw new CliError(EXIT.refused, message);
  }
  return arrivalIn(api, wanted, { place, environments });
}

type Placed = { readonly place: Environment; readonly environments: readonly Environment[] };

async function arrivalIn(api: Api, wanted: Wanted, placed: Placed): Promise<Arrival> {
  const { place } = placed;
  const found = await explain(api, wanted, place.id);
  return found === null
    ? notThere(api, wanted, place.id)
    : judge(api, wanted, { ...placed, explanation: found });
}

/** The explanation of the release; null when there is no such release. */
async function explain(
  api: Api,
  { service, release }: Wanted,
  environment: string,
): Promise<Explanation | null> {
  const query = new URLSearchParams({ release }).toString();
  try {
    return await api.get(`${explainPath(service, environment)}?${query}`, ExplanationView);
  } catch (error) {
    const answer = ErrorBody.safeParse(error instanceof CliError ? error.body : null);
    if (answer.success && answer.data.error.status === "NOT_FOUND") {
      return null;
    }
    throw error;
  }
}

function explainPath(service: string, environment: string): string {
  return `${pathOf("services", service, "environments", environment)}:explain`;
}

/** An image without a release is on its way, unless its push was passed over. */
async function notThere(api: Api, wanted: Wanted, environment: string): Promise<Arrival> {
  const { service, release } = wanted;
  const { ignored } = await api.get(explainPath(service, environment), ExplanationView);
  const passed = ignored.find(({ tag, digest }) => tag === release || digest === release);
  const none = { environment, release: null, promotion: null, advice: [] };
  return passed === undefined
    ? { ...none, kind: "pending", text: `there is no release ${release} yet` }
    : { ...none, kind: "failed", text: `image ${release} made no release: ${passed.reason}` };
}

async function judge(
  api: Api,
  wanted: Wanted,
  seen: Placed & { readonly explanation: Explanation },
): Promise<Arrival> {
  const { summary, release, promotion, advice } = seen.explanation;
  const told = {
    environment: seen.place.id,
    release: release?.id ?? null,
    promotion: promotion?.id ?? null,
    text: summary,
    advice: advice.map(({ command }) => command),
  };
  const kind = kindOf(seen.explanation);
  return kind === null ? notAsked(api, wanted, { ...seen, told }) : { ...told, kind };
}

/** How far a release is that somebody has asked for there, or once did; null when nobody has. */
function kindOf({ standing, promotion, gates }: Explanation): Arrival["kind"] | null {
  switch (standing) {
    case "THERE":
      return "reached";
    case "UNDER_WAY":
      return "pending";
    case "WAITING":
      return gates.some(isPersonal) ? "person" : "pending";
    case "READY":
    case "BLOCKED":
    case "NO_RELEASE":
      return promotion === null || !isEnded(promotion) ? null : endOf(promotion);
  }
}

function isPersonal({ gate, verdict, opensAt }: Explanation["gates"][number]): boolean {
  return verdict === "CLOSED" && opensAt === null && PERSONAL_GATES.has(gate);
}

/** What was there once has arrived, whatever came after it. */
function endOf({ state }: Promotion): "reached" | "failed" {
  return state === "SUCCEEDED" ? "reached" : "failed";
}

/** Nobody has asked for it there: it comes by itself from the stage before, or somebody must ask. */
async function notAsked(
  api: Api,
  wanted: Wanted,
  { place, environments, told }: Placed & { readonly told: Omit<Arrival, "kind"> },
): Promise<Arrival> {
  const before = environments.find(
    ({ stage }) => stage !== null && place.stage !== null && stage === place.stage - 1,
  );
  if (before === undefined) {
    return { ...told, kind: "person" };
  }
  const earlier = await arrivalIn(api, wanted, { place: before, environments });
  if (earlier.kind !== "reached") {
    return earlier;
  }
  return { ...told, kind: place.arrival === "automatic" ? "pending" : "person" };
}
