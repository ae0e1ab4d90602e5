import { z } from "zod";
import { DeploySection, LocationsSection } from "./deploy-section.ts";
import { show } from "./explain-issue.ts";
import { flag, matching, old, prose, text, whole } from "./fields.ts";
import { InstancesSection } from "./instances-section.ts";
import { DomainSection, completeProbes, HealthProbesSection, OldProbe } from "./probes-section.ts";
import { ResourcesSection } from "./resources-section.ts";
import { findTemplateFlaw } from "./template/fill-template.ts";
import { complainAboutMountPath, complainAboutSecret } from "./secret-reference.ts";

/** Google Cloud's limit of a project id; upstream counts bytes. */
const PROJECT_ID_BYTES_MAX = 30;
/** Source: https://cloud.google.com/resource-manager/docs/creating-managing-projects */
const PROJECT_ID = /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/;
const ENVIRONMENT_ID = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

const Authentication = z
  .object({
    sourcegraph: flag(
      "Whether everybody of the organization may call it: apply allows that if the installation names its organization.",
    ).optional(),
  })
  .meta({
    title: "Authentication",
    description: "Who may call it: everybody when left out, nobody when empty.",
  });

const Schedule = z
  .object({
    cron: text(
      "When the job runs, such as 0 3 * * *: from every 15 minutes to every 8 days.",
    ).default(""),
    deadline: old(whole("Seconds that one run may take."), "use deadlineSeconds beside schedule"),
  })
  .meta({ title: "Schedule", description: "When a job runs." });

const SecretVolume = z.object({
  mountPath: text("The file that holds the secret: an absolute path.", complainAboutMountPath),
  secret: text("The secret's name, or projects/<project>/secrets/<name>.", (secret) =>
    secret === "" ? "must name a secret" : complainAboutSecret(secret),
  ),
});

/** YAML reads 8080 as a number; as in every text, it is taken the way it is written. */
const VariableValue = prose(
  "A value; templates such as {{ .ProjectID }} and {{ .ServiceDnsName }} are filled in.",
  complainAboutTemplate,
).meta({ type: ["string", "number", "boolean"] });

const VolumeName = text("A volume's name.", (name) => (name === "" ? "must have a name" : null));

/** More would be cut: Cloud Run has these limits (https://cloud.google.com/run/quotas). */
const VARIABLE_BYTES_MAX = 32_768;

/** A value that cannot be filled in would be deployed with its braces. */
function complainAboutTemplate(value: string): string | null {
  const bytes = byteLength(value);
  if (bytes > VARIABLE_BYTES_MAX) {
    return `may have at most ${VARIABLE_BYTES_MAX} bytes, not ${bytes}`;
  }
  const flaw = findTemplateFlaw(value);
  return flaw === null
    ? null
    : `cannot be filled in, at line ${flaw.line}, column ${flaw.column} of the value: ${flaw.message}`;
}

const PrivateNetworking = z.object({
  privateGoogleAccess: z
    .object({ cloudRunApps: flag("Whether Cloud Run is reached privately.").optional() })
    .optional(),
  privateAccessPerimeter: z
    .object({
      allowlistedProjects: z.array(text("A project.")).optional(),
      allowlistedIdentities: z.array(text("An identity.")).optional(),
    })
    .optional(),
});

const EnvironmentFields = z.object({
  id: matching(
    "The environment's id, such as dev or prod: lower-case letters, digits and hyphens.",
    ENVIRONMENT_ID,
    "lower-case letters, digits and hyphens, because the project and the target are named after it",
  ),
  projectID: text("The Google Cloud project: <service id>-<environment id>-<suffix>.", (id) => {
    const length = byteLength(id);
    if (length > PROJECT_ID_BYTES_MAX) {
      return `must have at most ${PROJECT_ID_BYTES_MAX} characters, not ${length}: ${show(id)}`;
    }
    return PROJECT_ID.test(id)
      ? null
      : `must be 6 to 30 lower-case letters, digits and hyphens, a letter first and no hyphen last, not ${show(id)}`;
  }).meta({ pattern: PROJECT_ID.source }),
  category: z
    .enum(["test", "internal", "external"])
    .describe("How much care it asks for: test, internal or external."),
  deploy: DeploySection,
  locations: LocationsSection,
  domain: DomainSection.optional(),
  healthProbes: HealthProbesSection.optional(),
  startupProbe: old(
    OldProbe,
    "write healthProbes instead, with healthzProbes: false where this says disabled: true, else with timeout and startupInterval",
  ),
  livenessProbe: old(
    OldProbe,
    "write healthProbes instead, with healthzProbes: false where this says disabled: true, else with timeout and livenessInterval",
  ),
  authentication: Authentication.optional(),
  deadlineSeconds: whole("Seconds that one run of a job may take; 300 when left out.").optional(),
  schedule: Schedule.optional(),
  instances: InstancesSection,
  env: z.record(z.string(), VariableValue).default({}).describe("Environment variables."),
  secretEnv: z
    .record(
      z.string(),
      text("A secret's name, or projects/<project>/secrets/<name>.", complainAboutSecret),
    )
    .default({})
    .describe("Environment variables that are filled from secrets."),
  secretVolumes: z
    .record(VolumeName, SecretVolume)
    .default({})
    .describe("Files that are filled from secrets, by the name of their volume."),
  resources: ResourcesSection.optional(),
  alerting: z
    .object({
      opsgenie: flag(
        "Whether upstream's Terraform sends alerts to Opsgenie; Slipway does not. Those of internal and external are sent when left out.",
      ).optional(),
    })
    .optional(),
  allowDestroys: flag(
    "Whether upstream's Terraform may destroy resources that hold data; Slipway never does.",
  ).default(false),
  privateNetworking: PrivateNetworking.optional().meta({
    deprecated: true,
    deprecationMessage: "is from a draft that upstream never released: remove it",
  }),
});

/** Where a service runs. */
export const EnvironmentSection = EnvironmentFields.meta({
  title: "Environment",
  description: "Where the service runs.",
}).transform((written) => {
  const { startupProbe, livenessProbe, ...environment } = written;
  return {
    ...environment,
    healthProbes: environment.healthProbes ?? oldProbes({ startupProbe, livenessProbe }),
    deadlineSeconds: environment.deadlineSeconds ?? environment.schedule?.deadline,
    alerting: { opsgenie: environment.alerting?.opsgenie ?? environment.category !== "test" },
  };
});

/** How long a text is in UTF-8. */
export function byteLength(value: string): number {
  return new TextEncoder().encode(value).length;
}

type Probes = Pick<z.output<typeof EnvironmentFields>, "startupProbe" | "livenessProbe">;

/** Reads the probes of the older generation as the newer one would have written them. */
function oldProbes({
  startupProbe,
  livenessProbe,
}: Probes): z.output<typeof HealthProbesSection> | undefined {
  if (startupProbe === undefined && livenessProbe === undefined) {
    return undefined;
  }
  return completeProbes({
    healthzProbes: startupProbe?.disabled !== true,
    timeout: livenessProbe?.timeout ?? startupProbe?.timeout,
    startupInterval: startupProbe?.interval,
    livenessInterval: livenessProbe?.interval,
  });
}
