import { z } from "zod";
import { filled, flag, old, text, whole } from "./fields.ts";

const DATABASE_CPU_MAX = 96;
const DATABASE_MEMORY_GB_MIN = 4;

const Redis = z
  .object({
    memoryGB: whole("Memory in gigabytes.").default(1),
    highAvailability: flag("Whether a replica stands by in another zone.").optional(),
    tier: old(text("BASIC or STANDARD_HA."), "use highAvailability"),
  })
  .meta({
    title: "Redis",
    description: "A Memorystore instance, which upstream's Terraform makes; Slipway makes none.",
  })
  .transform((redis) => ({
    memoryGB: redis.memoryGB,
    highAvailability: redis.highAvailability ?? redis.tier === "STANDARD_HA",
  }));

const Publication = z.object({
  name: filled("The publication's name."),
  database: filled("The database with the tables."),
  tables: z.array(filled("A table.")).min(1).describe("The tables to publish: one or more."),
});

const PostgreSQL = z
  .object({
    databases: z.array(text("A database's name.")).default([]).describe("The databases."),
    cpu: whole("Processors: 1, or an even number up to 96; 1 when left out.", {
      min: 1,
      max: DATABASE_CPU_MAX,
    }).optional(),
    memoryGB: whole("Memory in gigabytes: at least 4, and 1 to 6 for each processor.", {
      min: DATABASE_MEMORY_GB_MIN,
    }).optional(),
    maxConnections: whole("Connections at most: 14 to 262143.").optional(),
    highAvailability: flag("Whether a second instance stands by in another zone.").default(false),
    logicalReplication: z
      .object({ publications: z.array(Publication).default([]).describe("What is published.") })
      .optional(),
  })
  .meta({
    title: "PostgreSQL",
    description:
      "A Cloud SQL instance, which upstream's Terraform makes; Slipway backs its data up before rollouts.",
  })
  .transform((database) => ({
    ...database,
    cpu: database.cpu ?? 1,
    memoryGB: database.memoryGB ?? DATABASE_MEMORY_GB_MIN,
  }));

const BigQueryDataset = z
  .object({
    tables: z
      .array(text("A table's id; <table>.bigquerytable.json beside this file is its schema."))
      .min(1)
      .describe("The tables: one or more."),
    datasetID: text("The dataset; the service's id with underscores when left out.").optional(),
    projectID: text("The dataset's project; the environment's when left out.").optional(),
  })
  .meta({
    title: "BigQuery dataset",
    description:
      "A dataset that the service writes to, which upstream's Terraform makes; Slipway makes none.",
  });

const OldBigQueryTable = z.object({
  region: text("The dataset's region.").optional(),
  tableID: text("The table's id.").optional(),
  datasetID: text("The dataset.").optional(),
  projectID: text("The dataset's project.").optional(),
});

/** What else an environment has: a cache, a database, a dataset. */
export const ResourcesSection = z
  .object({
    redis: Redis.optional(),
    postgreSQL: PostgreSQL.optional(),
    bigQueryDataset: BigQueryDataset.optional(),
    bigQueryTable: old(OldBigQueryTable, "use bigQueryDataset"),
  })
  .meta({ title: "Resources", description: "What else the environment has." });
