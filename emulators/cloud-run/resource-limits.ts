import { z } from "zod";

const MIB = 2 ** 20;
const GIB = 2 ** 30;

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  m: 1e-3,
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

/** What a container has if it does not say. */
export const LIMITS_DEFAULT = { cpu: "1", memory: "512Mi" };

/**
 * A container's limits for processors, memory and GPU, alone and against each other.
 * Source: https://cloud.google.com/run/docs/configuring/services/cpu and
 * https://cloud.google.com/run/docs/configuring/services/memory-limits
 */
export const Limits = z
  .strictObject({
    cpu: z
      .string()
      .refine((cpu) => {
        const cores = toNumber(cpu);
        return CPU_WHOLE.has(cores) || (cores >= CPU_MIN && cores < 1);
      }, "no container can have that")
      .default(LIMITS_DEFAULT.cpu),
    memory: z
      .string()
      .refine((memory) => {
        const bytes = toNumber(memory);
        return bytes >= MEMORY_MIN_BYTES && bytes <= MEMORY_MAX_BYTES;
      }, "it must be from 128Mi to 32Gi")
      .default(LIMITS_DEFAULT.memory),
    "nvidia.com/gpu": z.literal("1").optional(),
  })
  .refine(
    ({ cpu, memory }) => {
      const least = CPU_FOR_MEMORY.find(({ aboveBytes }) => toNumber(memory) > aboveBytes);
      return toNumber(cpu) >= (least?.cpu ?? 0);
    },
    { path: ["cpu"], message: "this much memory needs more" },
  )
  .refine(
    ({ cpu, memory }) => {
      const least = MEMORY_FOR_CPU.find((rule) => toNumber(cpu) >= rule.cpu);
      return toNumber(memory) >= (least?.bytes ?? 0);
    },
    { path: ["memory"], message: "this many processors need more" },
  );

function toNumber(text: string): number {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text) ?? [];
  return Number(digits) * (UNITS[unit] ?? Number.NaN);
}
