import { badRequest } from "../kit/google-error.ts";
import type { Pairs } from "./wire.ts";

const MIB = 2 ** 20;
const GIB = 2 ** 30;

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  Ki: 2 ** 10,
  M: 1e6,
  Mi: MIB,
  G: 1e9,
  Gi: GIB,
};

/** Whole processors that a container can have; below one any share from 0.08 is allowed. */
const CPU_WHOLE = new Set([1, 2, 4, 6, 8]);
const CPU_MIN = 0.08;

/** The first generation's lower limit; the second one's is 512 MiB. */
const MEMORY_MIN_BYTES = 128 * MIB;
const MEMORY_MAX_BYTES = 32 * GIB;

/** Above this much memory, at least this many processors; the strictest first. */
const CPU_FOR_MEMORY = [
  { aboveBytes: 24 * GIB, cpu: 8 },
  { aboveBytes: 16 * GIB, cpu: 6 },
  { aboveBytes: 8 * GIB, cpu: 4 },
  { aboveBytes: 4 * GIB, cpu: 2 },
  { aboveBytes: GIB, cpu: 1 },
  { aboveBytes: 512 * MIB, cpu: 0.5 },
] as const;

/** From this many processors, at least this much memory; the strictest first. */
const MEMORY_FOR_CPU = [
  { cpu: 6, bytes: 4 * GIB },
  { cpu: 4, bytes: 2 * GIB },
] as const;

const DEFAULTS = { cpu: "1", memory: "512Mi" };

/**
 * Checks a container's limits for processors, memory and GPU, alone and against each other.
 * Source: https://cloud.google.com/run/docs/configuring/services/cpu and
 * https://cloud.google.com/run/docs/configuring/services/memory-limits
 * @throws GoogleError INVALID_ARGUMENT that names the limit.
 */
export function checkLimits(field: string, limits: Pairs): void {
  for (const [key, value] of Object.entries(limits)) {
    checkKey(field, key, value);
  }
  const cpu = toCpu(limits["cpu"] ?? DEFAULTS.cpu);
  const bytes = toBytes(limits["memory"] ?? DEFAULTS.memory);
  if (!isPossibleCpu(cpu)) {
    throw badRequest(`${field}.cpu`, `Invalid value specified for cpu: "${limits["cpu"] ?? ""}"`);
  }
  if (Number.isNaN(bytes) || bytes < MEMORY_MIN_BYTES || bytes > MEMORY_MAX_BYTES) {
    throw badRequest(
      `${field}.memory`,
      `Invalid value specified for memory: "${limits["memory"] ?? ""}" is not from 128Mi to 32Gi`,
    );
  }
  checkTogether(field, cpu, bytes);
}

/** The limits with the defaults filled in: one processor and 512 MiB. */
export function withDefaultLimits(limits: Pairs | undefined): Pairs {
  return { ...DEFAULTS, ...limits };
}

function checkKey(field: string, key: string, value: string): void {
  if (key === "nvidia.com/gpu" && value !== "1") {
    throw badRequest(`${field}.${key}`, `The only supported value for nvidia.com/gpu is "1"`);
  }
  if (key !== "cpu" && key !== "memory" && key !== "nvidia.com/gpu") {
    throw badRequest(
      `${field}.${key}`,
      `Resource limit "${key}" is not supported: only cpu, memory and nvidia.com/gpu are`,
    );
  }
}

function checkTogether(field: string, cpu: number, bytes: number): void {
  const needsCpu = CPU_FOR_MEMORY.find((rule) => bytes > rule.aboveBytes);
  if (needsCpu !== undefined && cpu < needsCpu.cpu) {
    throw badRequest(
      `${field}.cpu`,
      `Invalid value specified for cpu: this much memory needs at least ${needsCpu.cpu} CPU`,
    );
  }
  const needsMemory = MEMORY_FOR_CPU.find((rule) => cpu >= rule.cpu);
  if (needsMemory !== undefined && bytes < needsMemory.bytes) {
    throw badRequest(
      `${field}.memory`,
      `Invalid value specified for memory: ${cpu} CPU need at least ${needsMemory.bytes / GIB}Gi`,
    );
  }
}

function isPossibleCpu(cpu: number): boolean {
  return CPU_WHOLE.has(cpu) || (cpu >= CPU_MIN && cpu < 1);
}

function toCpu(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(m?)$/.exec(text);
  return match === null ? Number.NaN : Number(match[1]) / (match[2] === "m" ? 1000 : 1);
}

function toBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(|k|Ki|M|Mi|G|Gi)$/.exec(text);
  return match === null ? Number.NaN : Number(match[1]) * (UNITS[match[2] ?? ""] ?? Number.NaN);
}
