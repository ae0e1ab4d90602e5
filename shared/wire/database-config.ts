import { z } from "zod";

/** Source: https://cloud.google.com/firestore/docs/manage-databases#database_id */
const DATABASE_ID = /^[a-z][a-z0-9-]{2,61}[a-z0-9]$/;
/** The id of the database that a project has without asking. */
const DEFAULT_DATABASE = "(default)";

/** The id of the Firestore database; null for the project's default one. */
export const database = z
  .string()
  .default(DEFAULT_DATABASE)
  .refine((id) => id === DEFAULT_DATABASE || DATABASE_ID.test(id), {
    error:
      "must be (default) or 4 to 63 lower-case letters, digits and hyphens that begin with a letter and do not end with a hyphen",
  })
  .transform((id) => (id === DEFAULT_DATABASE ? null : id));
