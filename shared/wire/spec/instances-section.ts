import { z } from "zod";
import { show } from "./explain-issue.ts";
import { text, whole } from "./fields.ts";
import { parseMemoryBytes } from "./memory.ts";

const MEBIBYTE = 2 ** 20;
const GIBIBYTE = 2 ** 30;
const MEMORY_MIB_MIN = 512;
const MEMORY_GIB_MAX = 32;
const INSTANCES_MAX_DEFAULT = 5;
const CPUS = [1, 2, 4, 6, 8];
const CPU_MIN = 0.08;
const CPU_MAX = 8;
const CPU_DIGITS = 3;

/** How large and how many the instances are. */
export const InstancesSection = z
  .object({
    resources: z
      .object({
        cpu: z
          .number()
          .superRefine((cpu, context) => {
            const message = complainAboutCpu(cpu);
            if (message !== null) {
              context.addIssue({ code: "custom", message });
            }
          })
          .meta({ minimum: CPU_MIN, maximum: CPU_MAX })
          .describe("Processors of an instance: 1, 2, 4, 6, 8, or a part of one from 0.08 on."),
        memory: text("Memory of an instance: 512Mi to 32Gi.", complainAboutMemory).meta({
          examples: ["512Mi", "1Gi"],
        }),
        cloudRunGeneration: whole("Cloud Run's execution environment: 1 or 2.").optional(),
      })
      .meta({ title: "Instance size", description: "What one instance has." }),
    scaling: z
      .object({
        minCount: whole("Instances that always run.").default(0),
        maxCount: whole("Instances at most.").default(INSTANCES_MAX_DEFAULT),
        maxRequestConcurrency: whole("Requests that an instance serves at once.").optional(),
      })
      .meta({ title: "Scaling", description: "How many instances run; not for jobs." })
      .optional(),
  })
  .meta({ title: "Instances", description: "How large and how many the instances are." });

/** Source: https://cloud.google.com/run/docs/configuring/services/cpu */
function complainAboutCpu(cpu: number): string | null {
  const isPart = cpu >= CPU_MIN && cpu < 1 && Number(cpu.toFixed(CPU_DIGITS)) === cpu;
  return isPart || CPUS.includes(cpu)
    ? null
    : `must be ${CPUS.join(", ")}, or a part of one from ${CPU_MIN} on in thousandths, not ${cpu}`;
}

/** Upstream compares whole gibibytes at the upper end, so 32.5Gi passes it. */
function complainAboutMemory(memory: string): string | null {
  const bytes = parseMemoryBytes(memory);
  if (bytes === null) {
    return `must be an amount of memory such as 512Mi or 2Gi, not ${show(memory)}`;
  }
  if (Math.floor(bytes / MEBIBYTE) < MEMORY_MIB_MIN) {
    return `must be at least ${MEMORY_MIB_MIN}Mi, not ${memory}`;
  }
  return Math.floor(bytes / GIBIBYTE) > MEMORY_GIB_MAX
    ? `must be at most ${MEMORY_GIB_MAX}Gi, not ${memory}: have more and smaller instances instead`
    : null;
}
