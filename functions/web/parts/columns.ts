import type { Environment, Service } from "../../../shared/domain/service.ts";

/** A column of environments. */
export type Column = {
  readonly heading: string;
  /** Whether the heading is the name of all its environments; if not, each cell has to say its own. */
  readonly isNamed: boolean;
  readonly find: (service: Service) => Environment | null;
};

/** How many columns there are at most; environments beyond are on their service's page. */
const COLUMNS_MAX = 8;

/**
 * The columns in which services stand beside each other: one a name, in the order in which services have them. Where
 * there are more names than columns, one a place in the order of stages.
 */
export function columnsOf(services: readonly Service[]): readonly Column[] {
  const names = new Map<string, number>();
  for (const { environments } of services) {
    for (const [index, { id }] of environments.entries()) {
      names.set(id, Math.max(index, names.get(id) ?? 0));
    }
  }
  return names.size <= COLUMNS_MAX
    ? [...names].toSorted(byPlace).map(([name]) => named(name))
    : Array.from({ length: longest(services) }, (_, index) => numbered(index));
}

function byPlace(one: readonly [string, number], other: readonly [string, number]): number {
  return one[1] - other[1] || one[0].localeCompare(other[0]);
}

function longest(services: readonly Service[]): number {
  const counts = services.map(({ environments }) => environments.length);
  return Math.min(COLUMNS_MAX, Math.max(...counts));
}

function named(heading: string): Column {
  return {
    heading,
    isNamed: true,
    find: ({ environments }) => environments.find(({ id }) => id === heading) ?? null,
  };
}

function numbered(index: number): Column {
  return {
    heading: `Stage ${index + 1}`,
    isNamed: false,
    find: ({ environments }) => environments[index] ?? null,
  };
}
