import { z } from "zod";
import { instancesText, timingText } from "./container-traits.ts";
import { RETRIES_DEFAULT } from "./trait.ts";
import { networkLine } from "./running-traits.ts";
import type { Traits } from "./running-traits.ts";

const RUN = "run.googleapis.com";

const Pairs = z.record(z.string(), z.string()).default({});
const Metadata = z.object({ labels: Pairs, annotations: Pairs }).prefault({});
const Probe = z.object({
  timeoutSeconds: z.number(),
  periodSeconds: z.number(),
  failureThreshold: z.number(),
  httpGet: z.object({
    path: z.string(),
    httpHeaders: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
  }),
});
const Pod = z.object({
  serviceAccountName: z.string(),
  containerConcurrency: z.number().optional(),
  timeoutSeconds: z.number().optional(),
  containers: z.tuple([
    z.object({
      env: z.array(
        z.object({
          name: z.string(),
          value: z.string().optional(),
          valueFrom: z.object({ secretKeyRef: z.object({ name: z.string() }) }).optional(),
        }),
      ),
      ports: z.array(z.object({ name: z.string(), containerPort: z.number() })).default([]),
      volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })).default([]),
      startupProbe: Probe.optional(),
      livenessProbe: Probe.optional(),
    }),
  ]),
  volumes: z
    .array(z.object({ name: z.string(), secret: z.object({ secretName: z.string() }) }))
    .default([]),
});
type Pod = z.output<typeof Pod>;

/** A manifest as we render it: a job's pod is one level deeper. */
const Manifest = z.object({
  kind: z.string(),
  metadata: Metadata,
  spec: z.object({
    template: z.object({
      metadata: Metadata,
      spec: z.union([
        Pod.transform((pod) => ({ pod, taskCount: undefined })),
        z
          .object({ taskCount: z.number(), template: z.object({ spec: Pod }) })
          .transform(({ taskCount, template }) => ({ pod: template.spec, taskCount })),
      ]),
    }),
  }),
});

const Interfaces = z.array(
  z.object({
    network: z.string().default(""),
    subnetwork: z.string().default(""),
    tags: z.array(z.string()).default([]),
  }),
);

/** What a manifest of ours makes of a service or a job, in the words in which running ones are told of. */
export function manifestTraits(manifest: object): Traits {
  const { kind, metadata, spec } = Manifest.parse(manifest);
  const { annotations } = spec.template.metadata;
  const { pod, taskCount } = spec.template.spec;
  const isService = kind === "Service";
  const own = Object.entries(metadata.annotations).filter(([key]) => !key.startsWith(`${RUN}/`));
  return new Map(
    [
      ...Object.entries(metadata.labels).map(([key, value]) => [`label ${key}`, value] as const),
      ...own.map(([key, value]) => [`annotation ${key}`, value] as const),
      ...(isService ? serviceOnly(metadata.annotations, pod) : jobOnly(pod)),
      ["minimum of instances", annotations["autoscaling.knative.dev/minScale"] ?? ""] as const,
      ["maximum of instances", annotations["autoscaling.knative.dev/maxScale"] ?? ""] as const,
      ["tasks", String(taskCount ?? "")] as const,
      ["account", pod.serviceAccountName] as const,
      [
        "processor at the start",
        annotations[`${RUN}/startup-cpu-boost`] === "true" ? "more" : "",
      ] as const,
      ["execution environment", annotations[`${RUN}/execution-environment`] ?? ""] as const,
      ["network", networkOf(annotations)] as const,
      ...volumesOf(annotations, pod),
      ...containerOf(annotations, pod),
    ].filter(([, value]) => value !== "" && value !== "0"),
  );
}

type Found = readonly (readonly [string, string])[];

function serviceOnly(
  annotations: Readonly<Record<string, string>>,
  { containers: [{ ports }], containerConcurrency, timeoutSeconds }: Pod,
): Found {
  const [port] = ports;
  return [
    ["ingress", annotations[`${RUN}/ingress`] ?? ""],
    ["requests at once", String(containerConcurrency ?? "")],
    ["timeout of requests", String(timeoutSeconds ?? "")],
    ["invoker check", annotations[`${RUN}/invoker-iam-disabled`] === "true" ? "off" : "on"],
    ["port", String(port?.containerPort ?? "")],
    ["protocol", port?.name === "h2c" ? "h2c" : ""],
  ];
}

/** Retries are not ours to say, so Cloud Run's own number holds. */
function jobOnly({ timeoutSeconds }: Pod): Found {
  return [
    ["retries of a task", String(RETRIES_DEFAULT)],
    ["timeout of a task", String(timeoutSeconds ?? "")],
  ];
}

function networkOf(annotations: Readonly<Record<string, string>>): string {
  const egress = annotations[`${RUN}/vpc-access-egress`];
  const connector = annotations[`${RUN}/vpc-access-connector`] ?? "";
  const [direct] = Interfaces.parse(
    JSON.parse(annotations[`${RUN}/network-interfaces`] ?? "[]") as unknown,
  );
  const { network = "", subnetwork = "", tags = [] } = direct ?? {};
  return egress === undefined ? "" : networkLine({ connector, network, subnetwork, tags, egress });
}

function volumesOf(
  annotations: Readonly<Record<string, string>>,
  { volumes, containers }: Pod,
): Found {
  const instances = annotations[`${RUN}/cloudsql-instances`];
  return [
    ...volumes.map(
      ({ name, secret }) =>
        [`volume ${name}`, `secret ${secretOf(annotations, secret.secretName)}`] as const,
    ),
    ...containers[0].volumeMounts.map(
      ({ name, mountPath }) => [`mount ${mountPath}`, name] as const,
    ),
    ...(instances === undefined
      ? []
      : [
          ["volume cloudsql", instancesText(instances.split(","))] as const,
          ["mount /cloudsql", "cloudsql"] as const,
        ]),
  ];
}

function containerOf(annotations: Readonly<Record<string, string>>, { containers }: Pod): Found {
  const [{ env, startupProbe, livenessProbe }] = containers;
  return [
    ...env.map(({ name, value = "", valueFrom }) => {
      const secret = valueFrom?.secretKeyRef.name;
      const shown =
        secret === undefined ? `value ${value}` : `secret ${secretOf(annotations, secret)}`;
      return [`variable ${name}`, shown] as const;
    }),
    ...probeOf("startup probe", startupProbe),
    ...probeOf("liveness probe", livenessProbe),
  ];
}

function probeOf(name: string, probe: z.output<typeof Probe> | undefined): Found {
  const headers = (probe?.httpGet.httpHeaders ?? []).map(
    (header) => [`header ${header.name} of the ${name}`, header.value] as const,
  );
  return probe === undefined
    ? []
    : [[name, probe.httpGet.path], ...headers, [`timing of the ${name}`, timingText(probe)]];
}

/** The full name that an alias stands for. */
function secretOf(annotations: Readonly<Record<string, string>>, name: string): string {
  const aliases = (annotations[`${RUN}/secrets`] ?? "").split(",");
  const found = aliases.find((alias) => alias.startsWith(`${name}:`));
  return found?.slice(name.length + 1) ?? name;
}
