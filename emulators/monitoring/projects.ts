import { createHash } from "node:crypto";

/** Projects by their two names. */
export type Projects = {
  /** The id for an id or a number; a number that nobody told us about is its own id. */
  readonly toId: (project: string) => string;
  /** The number of a project. */
  readonly toNumber: (id: string) => string;
};

const NUMBER = /^\d+$/;

/**
 * Knows projects by id and number. A project that is not in `numbers` gets a number derived from its id,
 * and is found by it from the first time its id was seen.
 */
export function createProjects(numbers: Readonly<Record<string, string>>): Projects {
  const ids = new Map(Object.entries(numbers).map(([id, number]) => [number, id]));
  function toNumber(id: string): string {
    const known = Object.hasOwn(numbers, id) ? numbers[id] : undefined;
    return NUMBER.test(id) ? id : (known ?? deriveNumber(id));
  }
  return {
    toNumber,
    toId: (project) => {
      if (NUMBER.test(project)) {
        return ids.get(project) ?? project;
      }
      ids.set(toNumber(project), project);
      return project;
    },
  };
}

function deriveNumber(id: string): string {
  const digits = BigInt(`0x${createHash("sha256").update(id).digest("hex").slice(0, 12)}`);
  return String(100_000_000_000n + (digits % 900_000_000_000n));
}
