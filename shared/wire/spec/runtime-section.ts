import { z } from "zod";
import { flag, matching, text } from "./fields.ts";

const LIST_LENGTH_MAX = 20;
/** https://cloud.google.com/iam/docs/service-accounts-create */
const ACCOUNT = /^[a-z0-9-]+@[a-z0-9.:-]+\.gserviceaccount\.com$/;
/** A name, or a full name such as projects/p/global/networks/n. */
const RESOURCE = /^[a-z0-9](?:[a-z0-9./:_-]*[a-z0-9])?$/;
/** https://cloud.google.com/sql/docs/postgres/connect-run */
const CONNECTION = /^[a-z0-9.:-]+:[a-z0-9-]+:[a-z0-9-]+$/;

const resource = (description: string): z.ZodString =>
  matching(description, RESOURCE, "a name, or a full name such as projects/p/global/networks/n");

const Network = z
  .strictObject({
    connector: resource("A Serverless VPC Access connector, instead of network.").optional(),
    network: resource("The VPC network of direct egress.").optional(),
    subnetwork: resource("The subnetwork of direct egress.").optional(),
    tags: z
      .array(text("A network tag."))
      .max(LIST_LENGTH_MAX)
      .default([])
      .describe("Network tags of the instances."),
    egress: z
      .enum(["private-ranges-only", "all-traffic"])
      .default("private-ranges-only")
      .describe("Which requests go through the network."),
  })
  .meta({ title: "Network", description: "The private network that instances reach." });

const pairs = (description: string): z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodString>> =>
  z.record(z.string(), z.string()).default({}).describe(description);

/** What the rest of the file cannot say of how a service runs. */
export const RuntimeSection = z
  .strictObject({
    serviceAccount: matching(
      "The account it runs as; <service id>-sa of the environment's project when left out.",
      ACCOUNT,
      "a service account's address such as web@project.iam.gserviceaccount.com",
    ).optional(),
    network: Network.optional(),
    ingress: z
      .enum(["all", "internal", "internal-and-cloud-load-balancing"])
      .describe(
        "Whose requests arrive; those of the load balancer and internal ones when left out.",
      )
      .optional(),
    invokerCheck: z
      .enum(["enabled", "disabled"])
      .describe(
        "Whether Cloud Run checks who calls; when left out it does so where authentication is given.",
      )
      .optional(),
    startupBoost: flag("Whether instances get more processor while they start.").optional(),
    cloudSqlInstances: z
      .array(matching("A Cloud SQL instance.", CONNECTION, "project:region:instance"))
      .max(LIST_LENGTH_MAX)
      .default([])
      .describe("Cloud SQL instances that are reached through a socket."),
    labels: pairs("Labels of the service, beside Slipway's own."),
    annotations: pairs("Annotations of the service that are yours."),
  })
  .meta({
    title: "Runtime",
    description: "How the service runs, as far as the rest of the file cannot say it.",
  });

/** How a service runs, with defaults. */
export type RuntimeSpec = z.output<typeof RuntimeSection>;
