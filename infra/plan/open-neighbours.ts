import type { Problem } from "../../shared/wire/spec/problem.ts";
import { inOrder } from "../../shared/wire/spec/position.ts";
import { problemsBetween } from "./neighbours.ts";
import type { NeighbourFile } from "./neighbours.ts";

/** What files have in common with each other. What they have in common with what is applied, the API says. */
export type Neighbours = {
  /** The outcome for a file whose id another file has too: nothing may be touched. Null for any other. */
  readonly refuse: (file: NeighbourFile) => {
    readonly kind: "invalid";
    readonly problems: readonly Problem[];
    readonly lacks: false;
  } | null;
  /** A plan or an outcome with those problems added; an error among them leaves no service to plan. */
  readonly judge: <Outcome extends { readonly problems: readonly Problem[] }>(
    file: NeighbourFile,
    outcome: Outcome,
  ) => Outcome;
};

/** Compares files with each other. */
export function openNeighbours(files: readonly NeighbourFile[]): Neighbours {
  const between = problemsBetween(files);
  const problemsOf = (file: NeighbourFile): readonly Problem[] => between.get(file.path) ?? [];
  return {
    refuse: (file) => {
      const problems = problemsOf(file);
      return problems.some(({ severity }) => severity === "error")
        ? { kind: "invalid", problems: inOrder(problems), lacks: false }
        : null;
    },
    judge: (file, outcome) => {
      const problems = problemsOf(file);
      const isRefused = problems.some(({ severity }) => severity === "error");
      return {
        ...outcome,
        problems: inOrder([...outcome.problems, ...problems]),
        ...(isRefused && { service: null, steps: [] }),
      };
    },
  };
}
