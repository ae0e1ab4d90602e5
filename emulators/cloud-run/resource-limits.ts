import { badRequest } from "../kit/google-error.ts";
import type { Container, Pairs } from "./wire.ts";

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

/** A container with the limits that it has if it does not say: one processor and 512 MiB. */
export function withDefaultLimits(container: Container): Container {
  const { resources } = container;
  return {
    ...container,
    resources: { ...resources, limits: { ...DEFAULTS, ...resources?.limits } },
  };
}

/**
 * Checks a container's limits for processors, memory and GPU, alone and against each other.
 * Source: https://cloud.google.com/run/docs/configuring/services/cpu and
 * https://cloud.google.com/run/docs/configuring/services/memory-limits
 * @throws GoogleError INVALID_ARGUMENT that names the limit.
 */
export function checkLimits(field: string, limits: Pairs): void {
  for (const [key, value] of Object.entries(limits)) {
    if (key === "nvidia.com/gpu" ? value !== "1" : !Object.hasOwn(DEFAULTS, key)) {
      const message = `Only cpu, memory and one nvidia.com/gpu are supported, not ${key} "${value}"`;
      throw badRequest(`${field}.${key}`, message);
    }
  }
  const { cpu, memory } = { ...DEFAULTS, ...limits };
  for (const [key, isMet, why] of limitRules(cpu, memory)) {
    if (!isMet) {
      throw badRequest(`${field}.${key}`, `Invalid value specified for ${key}: ${why}`);
    }
  }
}

function limitRules(
  cpu: string,
  memory: string,
): readonly (readonly [key: string, isMet: boolean, why: string])[] {
  const cores = toNumber(cpu, { "": 1, m: 1e-3 });
  const bytes = toNumber(memory, UNITS);
  const needsCores = CPU_FOR_MEMORY.find(({ aboveBytes }) => bytes > aboveBytes)?.cpu ?? 0;
  const needsBytes = MEMORY_FOR_CPU.find((rule) => cores >= rule.cpu)?.bytes ?? 0;
  const isShare = cores >= CPU_MIN && cores < 1;
  const isMemory = bytes >= MEMORY_MIN_BYTES && bytes <= MEMORY_MAX_BYTES;
  return [
    ["cpu", CPU_WHOLE.has(cores) || isShare, `"${cpu}"`],
    ["memory", isMemory, `"${memory}" is not from 128Mi to 32Gi`],
    ["cpu", cores >= needsCores, `this much memory needs at least ${needsCores} CPU`],
    ["memory", bytes >= needsBytes, `${cpu} CPU need at least ${needsBytes / GIB}Gi`],
  ];
}

function toNumber(text: string, units: Readonly<Record<string, number>>): number {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text) ?? [];
  return Number(digits) * (units[unit] ?? Number.NaN);
}
