import { z } from "zod";

// Schemas of what owners write: its rules, and what the API fills in. They name those fields that somebody looks at. The
// descriptors have checked the types of all, and the others stay as they came.

/** Kubernetes' limit for all annotations of an object together, in bytes. */
const ANNOTATIONS_MAX_BYTES = 256 * 1024;
const LABELS_MAX = 64;
const CONTAINERS_MAX = 10;
const ENVIRONMENT_VALUE_MAX_BYTES = 32_768;
const PORT_MAX = 65_535;
const STARTUP_PROBE_MAX_SECONDS = 240;
const LIVENESS_PROBE_MAX_SECONDS = 3600;

/** Namespaces that v2 has fields for, so that it refuses them as labels and annotations. */
export const SYSTEM_KEY =
  /^(?:run\.googleapis\.com|cloud\.googleapis\.com|(?:serving|autoscaling)\.knative\.dev)(?:\/|$)/;
const LABEL_KEY = /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u;
const LABEL_VALUE = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u;

/** Set by the platform itself, so nobody else may. */
const RESERVED = /^(?:PORT|K_SERVICE|K_REVISION|K_CONFIGURATION)$/;

/** Where a container listens that does not say. */
export const PORT_DEFAULT = { name: "http1", containerPort: 8080 } as const;

/** A number with its bounds. */
export function between(min: number, max: number): z.ZodNumber {
  return z.number().min(min).max(max);
}

/** A duration such as `300s`, with its bounds in seconds. */
export function lasting(min: number, max: number): z.ZodString {
  return z.string().refine((text) => {
    const seconds = Number.parseFloat(text);
    return seconds >= min && seconds <= max;
  }, `it must be from ${min} to ${max} seconds`);
}

/** Whether no two of a list are the same; what is missing is like nothing. */
export function areUnlike(values: readonly unknown[]): boolean {
  const given = values.filter((value) => value !== undefined);
  return new Set(given).size === given.length;
}

/**
 * Labels and annotations: no system namespace, Google's rules for labels, and Kubernetes' limit of size.
 * Source: https://cloud.google.com/run/docs/configuring/services/labels
 */
export const PAIRS = {
  labels: z
    .record(z.string(), z.string())
    .refine((labels) => Object.keys(labels).length <= LABELS_MAX, `at most ${LABELS_MAX}`)
    .refine(
      (labels) =>
        Object.entries(labels).every(
          ([key, value]) => LABEL_KEY.test(key) && LABEL_VALUE.test(value),
        ),
      "keys and values have at most 63 lower-case letters, digits, underscores and hyphens, a key a letter first",
    )
    .optional(),
  annotations: z
    .record(z.string(), z.string())
    .refine(
      (pairs) => !Object.keys(pairs).some((key) => SYSTEM_KEY.test(key)),
      "a key is in a namespace that is not allowed in v2",
    )
    .refine(
      (pairs) => Buffer.byteLength(Object.entries(pairs).flat().join("")) <= ANNOTATIONS_MAX_BYTES,
      `at most ${ANNOTATIONS_MAX_BYTES} bytes`,
    )
    .optional(),
};

function probe(maxSeconds: number): z.ZodType {
  return z
    .looseObject({
      periodSeconds: between(1, maxSeconds).optional(),
      timeoutSeconds: between(1, maxSeconds).optional(),
    })
    .refine(
      ({ httpGet, tcpSocket, grpc }) =>
        [httpGet, tcpSocket, grpc].filter((kind) => kind !== undefined).length === 1,
      "exactly one of httpGet, tcpSocket and grpc must be specified",
    )
    .refine(({ timeoutSeconds = 1, periodSeconds = 10 }) => timeoutSeconds <= periodSeconds, {
      path: ["timeoutSeconds"],
      message: "it must not be longer than the period",
    })
    .optional();
}

const Variable = z.looseObject({
  name: z.string().refine((name) => !RESERVED.test(name), "the system itself sets this variable"),
  value: z
    .string()
    .refine(
      (value) => Buffer.byteLength(value) <= ENVIRONMENT_VALUE_MAX_BYTES,
      `at most ${ENVIRONMENT_VALUE_MAX_BYTES} bytes`,
    )
    .optional(),
  valueSource: z.looseObject({ secretKeyRef: z.unknown() }).optional(),
});

const Port = z.looseObject({
  name: z.enum(["http1", "h2c"]).default(PORT_DEFAULT.name),
  containerPort: between(1, PORT_MAX).default(PORT_DEFAULT.containerPort),
});

/** Thousandths, one, thousands and so on. */
const UNITS = ["m", "", "k", "M", "G"];

/** A quantity of Kubernetes, such as `500m` or `2Gi`; NaN for what is none. */
function amountOf(text: string): number {
  const [, digits, unit = "", binary] = /^(\d+(?:\.\d+)?)(m|k|K(?=i)|M|G|)(i?)$/.exec(text) ?? [];
  const power = UNITS.indexOf(unit.replace("K", "k")) - 1;
  return Number(digits) * (binary === "i" ? 1024 : 1000) ** power;
}

/** Whole processors, or a share of one. Source: https://cloud.google.com/run/docs/configuring/services/cpu */
function isCpu(cores: number): boolean {
  return [1, 2, 4, 6, 8].includes(cores) || (cores >= 0.08 && cores < 1);
}

/**
 * From the first generation's lower limit up.
 * Source: https://cloud.google.com/run/docs/configuring/services/memory-limits
 */
function isMemory(bytes: number): boolean {
  return bytes >= amountOf("128Mi") && bytes <= amountOf("32Gi");
}

/** What a container has if it does not say. */
const LIMITS_DEFAULT = { cpu: "1", memory: "512Mi" };

/** How much of one goes with how much of the other is not looked at. */
const Limits = z.strictObject({
  cpu: z
    .string()
    .refine((cpu) => isCpu(amountOf(cpu)), "no container can have that")
    .default(LIMITS_DEFAULT.cpu),
  memory: z
    .string()
    .refine((memory) => isMemory(amountOf(memory)), "it must be from 128Mi to 32Gi")
    .default(LIMITS_DEFAULT.memory),
  "nvidia.com/gpu": z.literal("1").optional(),
});

const Resources = z.looseObject({
  limits: Limits.default(LIMITS_DEFAULT),
  cpuIdle: z.boolean().optional(),
  startupCpuBoost: z.boolean().optional(),
});

/**
 * A container of a task.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/Container
 */
const Container = z.looseObject({
  name: z.string().optional(),
  image: z.string(),
  args: z.array(z.string()).optional(),
  env: z
    .array(Variable)
    .refine((env) => areUnlike(env.map(({ name }) => name)), "a variable is repeated")
    .optional(),
  resources: Resources.default({ limits: LIMITS_DEFAULT }),
  ports: z.array(Port).max(1).optional(),
  volumeMounts: z.array(z.looseObject({ name: z.string() })).optional(),
  startupProbe: probe(STARTUP_PROBE_MAX_SECONDS),
  livenessProbe: probe(LIVENESS_PROBE_MAX_SECONDS),
});

function containersOf(one: typeof Container): z.ZodArray<typeof Container> {
  return z
    .array(one)
    .min(1)
    .max(CONTAINERS_MAX)
    .refine((all) => all.filter(({ ports }) => ports).length <= 1, "only one may have a port");
}

/** What tasks run. */
export const TaskContainers = containersOf(Container);
/** What revisions run; they have their processor only for requests if they do not say. */
export const RevisionContainers = containersOf(
  Container.extend({
    resources: Resources.default({ limits: LIMITS_DEFAULT, cpuIdle: true, startupCpuBoost: true }),
  }),
);

/** A container of a revision or a task. */
export type Container = z.infer<typeof Container>;
/** An environment variable: a literal value, or a version of a secret. */
export type EnvironmentVariable = z.infer<typeof Variable>;
