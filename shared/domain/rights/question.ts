import type { Principal } from "../policy.ts";
import type { Category, Environment, Service } from "../service.ts";
import { namedIn } from "./relation.ts";
import type { InstallationAccess, Place, Relation } from "./relation.ts";
import { openGrants, rolesOf } from "./table.ts";
import type { InstallationRight, Right } from "./table.ts";

/**
 * Where a right is asked for: in one environment; `anywhere` in the service, in one of its environments; where
 * releases `arrive` by themselves; or for the `whole` service, in all its environments of the strictest category.
 */
export type Where = Environment | "anywhere" | "arrival" | "whole";

/** Whether a caller may do something. */
export type Question =
  | {
      readonly right: Right;
      readonly service: Service;
      readonly where: Where;
    }
  | { readonly right: InstallationRight };

/** Who has the right in one place, and by which relation. */
export type Bearers = {
  /** Null: in the whole installation. */
  readonly place: Place | null;
  readonly by: readonly {
    readonly relation: Relation;
    readonly principals: readonly Principal[];
  }[];
};

/** Who may: the caller must be among the bearers of every place, or of some place. */
export type Asked = { readonly how: "every" | "some"; readonly places: readonly Bearers[] };

/** Turns a question into the people who may. */
export function askedOf(access: InstallationAccess, question: Question): Asked {
  if (!("service" in question)) {
    const by = rolesOf(question.right).map((role) => ({
      relation: role,
      principals: access[role],
    }));
    return { how: "every", places: [{ place: null, by }] };
  }
  const { right, service, where } = question;
  const places = environmentsOf(service, where).map((environment) =>
    bearersOf({ access, service, environment }, right),
  );
  return { how: where === "anywhere" ? "some" : "every", places };
}

function bearersOf(place: Place, right: Right): Bearers {
  const isNamed = (relation: Relation): boolean => namedIn(place, relation).length > 0;
  const grants = openGrants(right, place.environment.category, isNamed);
  return {
    place,
    by: grants.map(({ to }) => ({ relation: to, principals: namedIn(place, to) })),
  };
}

function environmentsOf(service: Service, where: Where): readonly Environment[] {
  switch (where) {
    case "anywhere":
      return service.environments;
    case "arrival":
      return arrivalsOf(service);
    case "whole":
      return strictestOf(service);
    default:
      return [where];
  }
}

/** The environments to which a new release goes by itself; if there is none, the first environment. */
function arrivalsOf(service: Service): readonly Environment[] {
  const arrivals = service.environments.filter(
    ({ stage, policy }) => (stage ?? 0) === 0 && policy.promotion === "automatic",
  );
  return arrivals.length === 0 ? service.environments.slice(0, 1) : arrivals;
}

const STRICTEST_FIRST: readonly Category[] = ["external", "internal", "test"];

/** The environments of the strictest category: whoever acts there decides what concerns the whole service. */
function strictestOf({ environments }: Service): readonly Environment[] {
  const category = STRICTEST_FIRST.find((candidate) =>
    environments.some((environment) => environment.category === candidate),
  );
  return environments.filter((environment) => environment.category === category);
}
