import { z } from "zod";
import { list } from "./items.ts";

/** How requests from Slack are known, and who asks there. */
export type ChatConfig = {
  /** The full names of the secrets: what signs Slack's requests, and the token of its bot. */
  readonly signingSecret: string;
  readonly token: string;
  /** The id of the workspace, or of the organization, whose people may ask. */
  readonly team: string;
  /** The addresses of people by their ids in Slack, where they are not those that Slack has. */
  readonly people: ReadonlyMap<string, string>;
};

/** The full name of a secret. Source: https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets */
export const secretName = z
  .string()
  .regex(
    /^projects\/[^/]+\/secrets\/[A-Za-z0-9_-]{1,255}$/,
    "must be projects/PROJECT/secrets/SECRET",
  )
  .optional()
  .transform((name) => name ?? null);

/** Whose people may ask. */
export const slackTeam = z
  .string()
  .regex(/^[TE][A-Z0-9]+$/, "must be the id of a workspace or an organization, such as T012AB3CD")
  .optional();

/** `U012AB3CD=ann@example.com` */
const slackPerson = z
  .string()
  .regex(
    /^[UW][A-Z0-9]+=[^=@\s]+@[^=@\s]+$/,
    "must be ID=ADDRESS, such as U012AB3CD=ann@example.com",
  )
  .transform((text): readonly [string, string] => {
    const [id = "", email = ""] = text.split("=");
    return [id, email.toLowerCase()];
  });

/** Who is who, by their ids in Slack. */
export const slackPeople = list
  .pipe(z.array(slackPerson))
  .transform((people): ReadonlyMap<string, string> => new Map(people));

/** The address of Slack's Web API; null for Slack's own. */
export const slackEndpoint = z
  .url()
  .regex(/\/$/, "must end with a slash")
  .optional()
  .transform((url) => url ?? null);

/** Chat as it is set up; null where a part of it is missing. */
export function chatOf(read: {
  readonly SLIPWAY_SLACK_SIGNING_SECRET: string | null;
  readonly SLIPWAY_SLACK_TOKEN: string | null;
  readonly SLIPWAY_SLACK_TEAM?: string | undefined;
  readonly SLIPWAY_SLACK_PEOPLE: ReadonlyMap<string, string>;
}): ChatConfig | null {
  const {
    SLIPWAY_SLACK_SIGNING_SECRET: signingSecret,
    SLIPWAY_SLACK_TOKEN: token,
    SLIPWAY_SLACK_TEAM: team,
  } = read;
  return signingSecret === null || token === null || team === undefined
    ? null
    : { signingSecret, token, team, people: read.SLIPWAY_SLACK_PEOPLE };
}
