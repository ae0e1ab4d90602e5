import type { Service } from "../domain/service.ts";
import type { TagReader } from "../ports/tag-reader.ts";

/** The highest place that any of the tags has under the service's order; null when none has one. */
export function highestRank(
  tags: TagReader,
  service: Service,
  names: readonly string[],
): string | null {
  const ranks = names.flatMap((tag) => tags.rank(service, tag) ?? []);
  return ranks.toSorted().at(-1) ?? null;
}
