import { parseMemoryBytes } from "../memory.ts";
import type { Path, Report } from "../problem.ts";
import type { EnvironmentDraft, SpecDraft } from "../schema.ts";
import { environmentsOf } from "./draft-environments.ts";

const GIBIBYTE = 2 ** 30;
const MEMORY_GIB_MAX = 32;

/** More memory than the first needs at least as many processors as the second. https://cloud.google.com/run/docs/configuring/services/memory-limits */
const CPU_FOR_MEMORY_GIB = [
  { above: 24, least: 8 },
  { above: 16, least: 6 },
  { above: 8, least: 4 },
  { above: 4, least: 2 },
] as const;

/** More processors than the first need at least as much memory as the second. https://cloud.google.com/run/docs/configuring/services/cpu */
const MEMORY_GIB_FOR_CPU = [
  { above: 6, least: 4 },
  { above: 4, least: 2 },
] as const;

/** Processors and memory that fit each other, and how many instances there are. */
export function judgeInstances(draft: SpecDraft, report: Report): void {
  for (const { environment, path } of environmentsOf(draft)) {
    judgeSize(environment, [...path, "instances", "resources"], report);
    judgeScaling(environment, [...path, "instances", "scaling"], report);
  }
}

function judgeSize(environment: EnvironmentDraft, path: Path, report: Report): void {
  const { cpu, memory, cloudRunGeneration } = environment.instances?.resources ?? {};
  if (cloudRunGeneration !== undefined && ![1, 2].includes(cloudRunGeneration)) {
    report.warning([...path, "cloudRunGeneration"], `should be 1 or 2, not ${cloudRunGeneration}`);
  }
  const gib = (parseMemoryBytes(memory ?? "") ?? 0) / GIBIBYTE;
  if (cpu === undefined || gib === 0) {
    return;
  }
  judgeMemory({ cpu, gib }, path, report);
  const needed = MEMORY_GIB_FOR_CPU.find(
    ({ above, least }) => cpu > above && Math.floor(gib) < least,
  );
  if (needed !== undefined) {
    report.error(
      [...path, "memory"],
      `must be at least ${needed.least}Gi for more than ${needed.above} processors, not ${memory}`,
    );
  }
}

type Size = { readonly cpu: number; readonly gib: number };

/** Upstream counts whole gibibytes, so that it lets up to one more pass than Cloud Run does. */
function judgeMemory({ cpu, gib }: Size, path: Path, report: Report): void {
  const neededFor = (memory: number): (typeof CPU_FOR_MEMORY_GIB)[number] | undefined =>
    CPU_FOR_MEMORY_GIB.find(({ above, least }) => memory > above && cpu < least);
  const needed = neededFor(Math.floor(gib));
  if (needed !== undefined) {
    report.error(
      [...path, "cpu"],
      `must be at least ${needed.least} for more than ${needed.above}Gi of memory, not ${cpu}`,
    );
  } else if (gib > MEMORY_GIB_MAX || neededFor(gib) !== undefined) {
    report.warning(
      [...path, "memory"],
      `passes upstream, which counts whole Gi, but Cloud Run does not give it to ${cpu} processors`,
    );
  }
}

function judgeScaling(environment: EnvironmentDraft, path: Path, report: Report): void {
  const {
    minCount = 0,
    maxCount = 5,
    maxRequestConcurrency,
  } = environment.instances?.scaling ?? {};
  if (minCount < 0) {
    report.warning([...path, "minCount"], `should be 0 or more, not ${minCount}`);
  }
  if (maxCount < Math.max(1, minCount)) {
    report.warning(
      [...path, "maxCount"],
      `should be at least ${Math.max(1, minCount)}, not ${maxCount}`,
    );
  }
  if (
    maxRequestConcurrency !== undefined &&
    (maxRequestConcurrency < 1 || maxRequestConcurrency > 1000)
  ) {
    report.warning(
      [...path, "maxRequestConcurrency"],
      `should be 1 to 1000, not ${maxRequestConcurrency}`,
    );
  }
}
