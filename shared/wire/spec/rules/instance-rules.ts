import { parseMemoryBytes } from "../memory.ts";
import type { Path, Report } from "../problem.ts";
import type { EnvironmentDraft, SpecDraft } from "../schema.ts";
import { environmentsOf } from "./draft-environments.ts";

const GIBIBYTE = 2 ** 30;
const MEBIBYTES = 1024;
const MEMORY_GIB_MAX = 32;

/** More memory than the first needs at least as many processors as the second. https://cloud.google.com/run/docs/configuring/services/memory-limits */
const CPU_FOR_MEMORY_GIB = [
  { above: 24, least: 8 },
  { above: 16, least: 6 },
  { above: 8, least: 4 },
  { above: 4, least: 2 },
] as const;

/** Processors, and the gibibytes that they need. https://cloud.google.com/run/docs/configuring/services/cpu */
const MEMORY_GIB_FOR_CPU: ReadonlyMap<number, number> = new Map([
  [4, 2],
  [6, 4],
  [8, 4],
]);

/** A part of a processor, below the first, has at most the second in gibibytes. */
const MEMORY_GIB_FOR_PART = [
  { below: 0.5, most: 0.5 },
  { below: 1, most: 1 },
] as const;

/** Processors and memory that fit each other, and how many instances there are. */
export function judgeInstances(draft: SpecDraft, report: Report): void {
  const isJob = draft.service?.kind === "job";
  for (const { environment, path } of environmentsOf(draft)) {
    judgeGeneration(environment, [...path, "instances", "resources"], report);
    judgeSize(environment, [...path, "instances", "resources"], report);
    judgeScaling(environment, [...path, "instances", "scaling"], report);
    judgePart(environment, { path: [...path, "instances"], isJob }, report);
  }
}

function judgeGeneration(environment: EnvironmentDraft, path: Path, report: Report): void {
  const { cloudRunGeneration = 1 } = environment.instances?.resources ?? {};
  if (![1, 2].includes(cloudRunGeneration)) {
    const message = `should be 1 or 2, not ${cloudRunGeneration}: it has no effect`;
    report.warning([...path, "cloudRunGeneration"], message);
  }
}

function judgeSize(environment: EnvironmentDraft, path: Path, report: Report): void {
  const { cpu, memory } = environment.instances?.resources ?? {};
  const gib = (parseMemoryBytes(memory ?? "") ?? 0) / GIBIBYTE;
  if (cpu === undefined || gib === 0) {
    return;
  }
  judgeMemory({ cpu, gib }, path, report);
  const least = MEMORY_GIB_FOR_CPU.get(cpu) ?? 0;
  if (gib < least) {
    report.error(
      [...path, "memory"],
      `must be at least ${least}Gi for ${cpu} processors, not ${memory}`,
    );
  }
}

type Resources = NonNullable<NonNullable<EnvironmentDraft["instances"]>["resources"]>;

/** What Cloud Run asks of a part of a processor; upstream knows whole ones only. */
function judgePart(
  { instances }: EnvironmentDraft,
  { path, isJob }: { readonly path: Path; readonly isJob: boolean },
  report: Report,
): void {
  const resources = instances?.resources ?? {};
  const { cpu = 1 } = resources;
  if (cpu >= 1) {
    return;
  }
  const at = [...path, "resources"];
  if (isJob) {
    report.error([...at, "cpu"], `must be a whole number for a job, not ${cpu}`);
    return;
  }
  report.warning(
    [...at, "cpu"],
    "is a part of a processor, which upstream's tooling refuses: if you use that tooling, give a whole number",
  );
  const concurrency = instances?.scaling?.maxRequestConcurrency;
  if (concurrency !== 1) {
    report.error(
      [...path, "scaling", "maxRequestConcurrency"],
      `must be 1 for less than one processor, not ${concurrency ?? "left out"}`,
    );
  }
  judgePartResources(resources, at, report);
}

function judgePartResources(
  { cpu = 1, memory = "", cloudRunGeneration = 1 }: Resources,
  at: Path,
  report: Report,
): void {
  if (cloudRunGeneration === 2) {
    report.error([...at, "cloudRunGeneration"], "must be 1 for less than one processor, not 2");
  }
  const gib = (parseMemoryBytes(memory) ?? 0) / GIBIBYTE;
  const limit = MEMORY_GIB_FOR_PART.find(({ below }) => cpu < below);
  if (limit !== undefined && gib > limit.most) {
    report.error(
      [...at, "cpu"],
      `must be at least ${limit.below} for more than ${limit.most * MEBIBYTES}Mi of memory, not ${cpu}`,
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
    report.error(
      [...path, "memory"],
      `is more than Cloud Run gives to ${cpu} processors, although upstream, which counts whole Gi, lets it pass: ask for less memory or more processors`,
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
    report.error([...path, "minCount"], `must be 0 or more, not ${minCount}`);
  }
  if (maxCount < Math.max(1, minCount)) {
    report.error(
      [...path, "maxCount"],
      `must be at least ${Math.max(1, minCount)}, not ${maxCount}`,
    );
  }
  if (
    maxRequestConcurrency !== undefined &&
    (maxRequestConcurrency < 1 || maxRequestConcurrency > 1000)
  ) {
    report.error(
      [...path, "maxRequestConcurrency"],
      `must be 1 to 1000, not ${maxRequestConcurrency}`,
    );
  }
}
