import { z } from "zod";

const Text = z.string();
const Count = z.coerce.number();
const Flag = z.coerce.boolean();

/** Kubernetes' metadata; values that YAML reads as numbers or truths are taken as text. */
const Metadata = z.object({
  name: Text.optional(),
  labels: z.record(Text, z.coerce.string()).default({}),
  annotations: z.record(Text, z.coerce.string()).default({}),
});

const Variable = z.object({
  name: Text,
  value: z.coerce.string().optional(),
  valueFrom: z.object({ secretKeyRef: z.object({ name: Text, key: Text }) }).optional(),
});

const Probe = z.object({
  initialDelaySeconds: Count.optional(),
  timeoutSeconds: Count.optional(),
  periodSeconds: Count.optional(),
  failureThreshold: Count.optional(),
  httpGet: z
    .object({
      path: Text.optional(),
      port: Count.optional(),
      httpHeaders: z.array(z.object({ name: Text, value: Text.default("") })).optional(),
    })
    .optional(),
  tcpSocket: z.object({ port: Count.optional() }).optional(),
  grpc: z.object({ port: Count.optional(), service: Text.optional() }).optional(),
});

const Container = z.object({
  name: Text.optional(),
  image: Text,
  command: z.array(Text).optional(),
  args: z.array(Text).optional(),
  env: z.array(Variable).optional(),
  resources: z.object({ limits: z.record(Text, z.coerce.string()).optional() }).optional(),
  ports: z.array(z.object({ name: Text.optional(), containerPort: Count.optional() })).optional(),
  volumeMounts: z.array(z.object({ name: Text, mountPath: Text })).optional(),
  workingDir: Text.optional(),
  livenessProbe: Probe.optional(),
  startupProbe: Probe.optional(),
  readinessProbe: Probe.optional(),
});

const Volume = z.object({
  name: Text,
  secret: z
    .object({
      secretName: Text,
      items: z.array(z.object({ key: Text, path: Text })).optional(),
      defaultMode: Count.optional(),
    })
    .optional(),
  emptyDir: z
    .object({ medium: Text.optional(), sizeLimit: z.coerce.string().optional() })
    .optional(),
  csi: z
    .object({
      driver: z.literal("gcsfuse.run.googleapis.com"),
      readOnly: Flag.optional(),
      volumeAttributes: z.object({ bucketName: Text }),
    })
    .optional(),
  nfs: z.object({ server: Text, path: Text, readOnly: Flag.optional() }).optional(),
});

/**
 * A Knative service as Cloud Run and Cloud Deploy take it; what is not named here is ignored.
 * Source: https://cloud.google.com/run/docs/reference/yaml/v1
 */
export const KnativeManifest = z.object({
  apiVersion: z.literal("serving.knative.dev/v1"),
  kind: z.literal("Service"),
  metadata: Metadata.extend({ name: Text }),
  spec: z.object({
    template: z.object({
      metadata: Metadata.default({ labels: {}, annotations: {} }),
      spec: z.object({
        containerConcurrency: Count.optional(),
        timeoutSeconds: Count.optional(),
        serviceAccountName: Text.optional(),
        containers: z.array(Container).min(1),
        volumes: z.array(Volume).optional(),
      }),
    }),
    traffic: z
      .array(
        z.object({
          percent: Count.optional(),
          revisionName: Text.optional(),
          tag: Text.optional(),
        }),
      )
      .optional(),
  }),
});

/**
 * A Cloud Run job in version 1; what is not named here is ignored.
 * Source: https://cloud.google.com/run/docs/reference/rest/v1/namespaces.jobs
 */
export const KnativeJobManifest = z.object({
  apiVersion: z.literal("run.googleapis.com/v1"),
  kind: z.literal("Job"),
  metadata: Metadata.extend({ name: Text }),
  spec: z.object({
    template: z.object({
      metadata: Metadata.default({ labels: {}, annotations: {} }),
      spec: z.object({
        parallelism: Count.optional(),
        taskCount: Count.optional(),
        template: z.object({
          spec: z.object({
            maxRetries: Count.optional(),
            timeoutSeconds: Count.optional(),
            serviceAccountName: Text.optional(),
            containers: z.array(Container).min(1),
            volumes: z.array(Volume).optional(),
          }),
        }),
      }),
    }),
  }),
});

/** A parsed manifest. */
export type KnativeManifest = z.infer<typeof KnativeManifest>;

/** A container of a parsed manifest. */
export type KnativeContainer = z.infer<typeof Container>;

/** A volume of a parsed manifest. */
export type KnativeVolume = z.infer<typeof Volume>;

/** An environment variable of a parsed manifest. */
export type KnativeVariable = z.infer<typeof Variable>;

/** A probe of a parsed manifest. */
export type KnativeProbe = z.infer<typeof Probe>;
