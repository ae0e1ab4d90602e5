import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { GithubError } from "./github-error.ts";

/** Source: https://docs.github.com/rest/deployments/statuses#create-a-deployment-status */
const Description = z.string().max(140, "is too long (maximum is 140 characters)").default("");
const Address = z
  .string()
  .regex(/^(?:https?:\/\/\S+)?$/, "must use http(s) scheme")
  .default("");

/** A field that has one value here, where GitHub also has others; answers do not say it. */
function always(value: unknown): z.ZodType<undefined> {
  return z
    .unknown()
    .refine((given) => isDeepStrictEqual(given, value))
    .transform(() => undefined);
}

/** A deployment. Left to itself, GitHub merges the default branch, and asks for every status to be green. */
export const NewDeployment = z.strictObject({
  ref: z.string(),
  environment: z.string().default("production"),
  description: Description,
  payload: z.unknown().default(""),
  auto_merge: always(false),
  required_contexts: always([]),
  transient_environment: always(false),
  production_environment: z.boolean().optional(),
});

/** What is said of a deployment. Left to itself, GitHub ends earlier successes in the same environment. */
export const NewDeploymentStatus = z.strictObject({
  state: z.enum(["error", "failure", "inactive", "in_progress", "queued", "pending", "success"]),
  description: Description,
  log_url: Address,
  environment_url: Address,
  auto_inactive: always(false),
});

/** What is said of a commit. */
export const NewCommitStatus = z.strictObject({
  state: z.enum(["error", "failure", "pending", "success"]),
  context: z.string().default("default"),
  description: Description,
  target_url: Address,
});

/** A comment on a pull request. */
export const NewComment = z.strictObject({ body: z.string().trim().min(1, "can't be blank") });

/** The fields of a body. @throws GithubError 422 for one that cannot be taken, 501 for one that is not here */
export function read<Schema extends z.ZodType>(
  schema: Schema,
  resource: string,
  body: Readonly<Record<string, unknown>>,
): z.infer<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) {
    return parsed.data;
  }
  const { issues } = parsed.error;
  const [strange] = issues.flatMap(elsewhere);
  if (strange !== undefined) {
    const message = `This emulator does not have ${String(strange)} as it is given, or left out`;
    throw new GithubError(501, message);
  }
  const { path = [], message = "" } = issues[0] ?? {};
  const field = String(path[0] ?? "");
  const error = { resource, field, code: "custom", message: `${field} ${message}` };
  throw new GithubError(422, "Validation Failed", { errors: [error] });
}

/** The fields that GitHub has as they are given, and this emulator has not. */
function elsewhere(issue: z.core.$ZodIssue): readonly PropertyKey[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys;
  }
  return issue.code === "custom" ? issue.path.slice(0, 1) : [];
}
