import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { BASE, manifest, render, withLines } from "./render-support.ts";
import { edit, readSpec } from "./spec-support.ts";

const JOB = readSpec("job");

/** What a service's manifest looks like from its containers on. */
function container(part: object): object {
  return { spec: { template: { spec: { containers: [part] } } } };
}

describe("skaffold.yaml", () => {
  test("has a profile with a manifest for each environment", () => {
    expect(parse(render(BASE)["skaffold.yaml"] ?? "")).toEqual({
      apiVersion: "skaffold/v4beta7",
      kind: "Config",
      metadata: { name: "web" },
      deploy: { cloudrun: {} },
      profiles: [
        { name: "dev", manifests: { rawYaml: ["manifests/dev.yaml"] } },
        { name: "prod", manifests: { rawYaml: ["manifests/prod.yaml"] } },
      ],
    });
  });
});

describe("a service", () => {
  test("has the platform's defaults for what the specification leaves out", () => {
    const dev: unknown = parse(render(BASE)["manifests/dev.yaml"] ?? "");
    expect(dev).toMatchObject({
      apiVersion: "serving.knative.dev/v1",
      kind: "Service",
      metadata: {
        name: "web-dev-us-central1",
        annotations: {
          "run.googleapis.com/ingress": "internal-and-cloud-load-balancing",
          "run.googleapis.com/invoker-iam-disabled": "true",
        },
      },
      spec: {
        template: {
          metadata: {
            annotations: {
              "autoscaling.knative.dev/minScale": "0",
              "autoscaling.knative.dev/maxScale": "5",
            },
          },
          spec: {
            containerConcurrency: 1000,
            timeoutSeconds: 300,
            containers: [
              {
                image: "us-central1-docker.pkg.dev/example/apps/web",
                ports: [{ name: "http1", containerPort: 9992 }],
                resources: { limits: { cpu: "1", memory: "512Mi" } },
              },
            ],
          },
        },
      },
    });
    expect(render(BASE)["manifests/dev.yaml"]).not.toContain("Probe");
  });

  test("has the size and the scaling that are written", () => {
    const text = edit(BASE, ["maxCount: 5}", "maxCount: 9, maxRequestConcurrency: 80}"]);
    expect(manifest(text)).toMatchObject({
      spec: {
        template: {
          metadata: {
            annotations: {
              "autoscaling.knative.dev/minScale": "1",
              "autoscaling.knative.dev/maxScale": "9",
            },
          },
          spec: {
            containerConcurrency: 80,
            containers: [{ resources: { limits: { cpu: "4", memory: "8Gi" } } }],
          },
        },
      },
    });
  });

  test("has memory in a form that Cloud Run reads", () => {
    expect(manifest(edit(BASE, ["memory: 8Gi", "memory: 7Gi512Mi"]))).toMatchObject(
      container({ resources: { limits: { memory: "7680Mi" } } }),
    );
  });

  test("is probed as written, with the platform's defaults", () => {
    expect(manifest(BASE)).toMatchObject(
      container({
        startupProbe: {
          httpGet: { path: "/-/healthz" },
          timeoutSeconds: 3,
          periodSeconds: 3,
          failureThreshold: 3,
        },
        livenessProbe: { httpGet: { path: "/-/healthz" }, timeoutSeconds: 3, periodSeconds: 30 },
      }),
    );
  });

  test("is not probed when the probes are off", () => {
    const text = edit(BASE, ["healthProbes: {timeout: 3}", "healthProbes: {healthzProbes: false}"]);
    expect(render(text)["manifests/prod.yaml"]).not.toContain("Probe");
  });

  test("speaks h2c when its protocol is", () => {
    expect(manifest(edit(BASE, ["  id: web\n", "  id: web\n  protocol: h2c\n"]))).toMatchObject(
      container({ ports: [{ name: "h2c" }] }),
    );
  });

  test("runs in the generation that is written, and in no other by default", () => {
    const text = edit(BASE, ["memory: 8Gi}", "memory: 8Gi, cloudRunGeneration: 2}"]);
    expect(manifest(text)).toMatchObject({
      spec: {
        template: {
          metadata: { annotations: { "run.googleapis.com/execution-environment": "gen2" } },
        },
      },
    });
    expect(render(BASE)["manifests/prod.yaml"]).not.toContain("execution-environment");
  });

  test.each([
    ["everybody may call when authentication is left out", "env: {}", true],
    ["nobody may call without a permission when it is empty", "authentication: {}", false],
    ["the organization alone may call", "authentication: {sourcegraph: true}", false],
  ])("%s", (_case, line, isOpen) => {
    const text = render(withLines(line))["manifests/prod.yaml"];
    expect(text?.includes("invoker-iam-disabled")).toBe(isOpen);
  });
});

test.each([
  ["enabled", false],
  ["disabled", true],
])("with the check of callers %s the manifest says so", (check, isOpen) => {
  const text = `${BASE}delivery: {environments: {prod: {runtime: {invokerCheck: ${check}, startupBoost: true}}}}\n`;
  const prod = render(text)["manifests/prod.yaml"] ?? "";
  expect(prod.includes("invoker-iam-disabled")).toBe(isOpen);
  expect(prod).toContain('run.googleapis.com/startup-cpu-boost: "true"');
});

describe("the environment of a container", () => {
  test("has the platform's variables and the written ones, by name", () => {
    expect(manifest(BASE)).toMatchObject(
      container({
        env: [
          { name: "ENVIRONMENT_ID", value: "prod" },
          { name: "EXTERNAL_DNS_NAME", value: "web.example.com" },
          { name: "GOOGLE_CLOUD_PROJECT", value: "web-prod-3c4d" },
          { name: "LOG_LEVEL", value: "info" },
          { name: "MSP", value: "true" },
          { name: "PGUSER", value: "web-sa@web-prod-3c4d.iam" },
          { name: "SSL_CERT_DIR", value: "/etc/ssl/certs" },
        ],
      }),
    );
  });

  test("has templates filled in", () => {
    const text = withLines("env: {URL: 'https://{{ .ServiceDnsName }}/{{.ProjectID}}'}");
    expect(render(text)["manifests/prod.yaml"]).toContain("https://web.example.com/web-prod-3c4d");
  });

  test("lets the specification replace what the platform gives", () => {
    const text = render(withLines("env: {ENVIRONMENT_ID: production}"))["manifests/prod.yaml"];
    expect(text?.match(/ENVIRONMENT_ID/g)).toHaveLength(1);
    expect(text).toContain("value: production");
  });

  test("has a secret where a variable is written both ways", () => {
    const text = withLines("env: {KEY: plain}", "secretEnv: {KEY: secret}");
    const rendered = render(text)["manifests/prod.yaml"];
    expect(rendered?.match(/name: KEY/g)).toHaveLength(1);
    expect(rendered).not.toContain("plain");
  });

  test("keeps values texts that YAML 1.1 would read as something else", () => {
    const text = withLines("env: {A: 'yes', B: '0777', C: '12:30:45'}");
    expect(render(text)["manifests/prod.yaml"]).toMatch(/"yes"[^]*"0777"[^]*"12:30:45"/);
  });
});

describe("secrets", () => {
  const text = withLines(
    "secretEnv: {OWN: own-secret, ONE: projects/shared/secrets/one}",
    "secretVolumes:",
    "  two: {mountPath: /etc/two/key.json, secret: projects/shared/secrets/two}",
    "  again: {mountPath: /etc/one.txt, secret: projects/shared/secrets/one}",
  );

  test("of another project have one alias each, which an annotation explains", () => {
    expect(manifest(text)).toMatchObject({
      spec: {
        template: {
          metadata: {
            annotations: {
              "run.googleapis.com/secrets":
                "secret-1:projects/shared/secrets/one,secret-2:projects/shared/secrets/two",
            },
          },
        },
      },
    });
  });

  test("become variables", () => {
    const env: unknown = expect.arrayContaining([
      { name: "ONE", valueFrom: { secretKeyRef: { name: "secret-1", key: "latest" } } },
      { name: "OWN", valueFrom: { secretKeyRef: { name: "own-secret", key: "latest" } } },
    ]);
    expect(manifest(text)).toMatchObject(container({ env }));
  });

  test("become files that may only be read", () => {
    expect(manifest(text)).toMatchObject({
      spec: {
        template: {
          spec: {
            containers: [
              {
                volumeMounts: [
                  { name: "again", mountPath: "/etc" },
                  { name: "two", mountPath: "/etc/two" },
                ],
              },
            ],
            volumes: [
              {
                name: "again",
                secret: { secretName: "secret-1", items: [{ key: "latest", path: "one.txt" }] },
              },
              { name: "two", secret: { secretName: "secret-2", defaultMode: 0o444 } },
            ],
          },
        },
      },
    });
  });
});

describe("a job", () => {
  test("is a Cloud Run job with its deadline, and knows its schedule", () => {
    expect(parse(render(JOB)["manifests/prod.yaml"] ?? "")).toMatchObject({
      apiVersion: "run.googleapis.com/v1",
      kind: "Job",
      metadata: { name: "sweep-prod-us-central1" },
      spec: {
        template: {
          spec: {
            taskCount: 1,
            template: {
              spec: {
                timeoutSeconds: 600,
                containers: [
                  {
                    image: "us-central1-docker.pkg.dev/example/apps/sweep",
                    env: [
                      { name: "ENVIRONMENT_ID" },
                      { name: "GOOGLE_CLOUD_PROJECT" },
                      { name: "JOB_EXECUTION_CRON_SCHEDULE", value: "0 3 * * *" },
                      { name: "JOB_EXECUTION_DEADLINE", value: "600s" },
                      { name: "MSP" },
                      { name: "SSL_CERT_DIR" },
                    ],
                  },
                ],
              },
            },
          },
        },
      },
    });
  });
});
