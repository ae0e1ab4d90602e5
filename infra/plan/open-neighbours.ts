import type { Service } from "../../shared/domain/service.ts";
import type { Ports } from "../../shared/ports/ports.ts";
import type { Problem } from "../../shared/wire/spec/problem.ts";
import { belongings, problemsBetween, problemsWithApplied } from "./neighbours.ts";
import type { NeighbourFile } from "./neighbours.ts";
import { inOrder } from "./position.ts";

/** What files have in common with each other and with what is applied. */
export type Neighbours = {
  /** The outcome for a file whose id another file has too: nothing may be touched. Null for any other. */
  readonly refuse: (
    file: NeighbourFile,
  ) => { readonly kind: "invalid"; readonly problems: readonly Problem[] } | null;
  /** A plan or an outcome with those problems added; an error among them leaves no service to plan. */
  readonly judge: <Outcome extends { readonly problems: readonly Problem[] }>(
    file: NeighbourFile,
    outcome: Outcome,
  ) => Outcome;
};

/**
 * Reads what is applied, and compares files with it and with each other.
 * @throws TransientError or PermanentError when it cannot be read.
 */
export async function openNeighbours(
  ports: Ports,
  files: readonly NeighbourFile[],
): Promise<Neighbours> {
  const between = problemsBetween(files);
  const applied = await readApplied(ports, files);
  const problemsOf = (file: NeighbourFile): readonly Problem[] => [
    ...(between.get(file.path) ?? []),
    ...problemsWithApplied(file, applied),
  ];
  return {
    refuse: (file) => {
      const problems = problemsOf(file);
      return problems.some(({ severity }) => severity === "error")
        ? { kind: "invalid", problems: inOrder(problems) }
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

/** The services with an image or a project of the files; one whose document cannot be read is passed over. */
async function readApplied(
  { store }: Ports,
  files: readonly NeighbourFile[],
): Promise<readonly Service[]> {
  const { images, projects } = belongings(files);
  const found = await Promise.all([
    ...images.map(async (image) => store.findByImage(image)),
    ...projects.map(async (project) => store.findByProject(project)),
  ]);
  const services = found
    .flat()
    .flatMap((one) => (one.kind === "readable" ? [one.seen.state.service] : []));
  return [...new Map(services.map((service) => [service.id, service])).values()];
}
