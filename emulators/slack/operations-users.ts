import type { UsersInfoResponse } from "@slack/web-api";
import { requiredText } from "./arguments.ts";
import type { SlackCall, SlackMethod } from "./method.ts";
import { SlackError } from "./slack-error.ts";
import type { SlackUser } from "./state.ts";
import type { Team } from "./workspace.ts";

/** The methods of the families `users`, `auth` and `team`. Source: https://docs.slack.dev/reference/methods?family=users */
export const USER_METHODS: Readonly<Record<string, SlackMethod>> = {
  "users.info": { scope: "users:read", run: userInfo },
  "users.lookupByEmail": { scope: "users:read.email", run: lookupByEmail },
  "auth.test": { scope: null, run: authTest },
};

type UserView = NonNullable<UsersInfoResponse["user"]>;

function userInfo({ workspace, args, scopes }: SlackCall): { readonly user: UserView } {
  const user = workspace.state.users.get(requiredText(args, "user"));
  if (user === undefined) {
    throw new SlackError("user_not_found");
  }
  return { user: toUserView(user, workspace.team, scopes) };
}

/** Finds nobody who was deleted, and no bot. */
function lookupByEmail({ workspace, args, scopes }: SlackCall): { readonly user: UserView } {
  const email = requiredText(args, "email").toLowerCase();
  const user = [...workspace.state.users.values()].find(
    (one) => one.email?.toLowerCase() === email && one.isDeleted !== true,
  );
  if (user === undefined) {
    throw new SlackError("users_not_found");
  }
  return { user: toUserView(user, workspace.team, scopes) };
}

function authTest({ workspace }: SlackCall): Readonly<Record<string, unknown>> {
  const { team } = workspace;
  return {
    url: `https://${team.domain}.slack.com/`,
    team: team.domain,
    user: team.appName,
    team_id: team.id,
    user_id: team.botUserId,
    bot_id: team.botId,
    is_enterprise_install: false,
  };
}

/** Addresses are shown to who may read them. Source: https://docs.slack.dev/reference/objects/user-object */
function toUserView(user: SlackUser, team: Team, scopes: ReadonlySet<string>): UserView {
  const { id, name, realName, email } = user;
  const teamId = user.teamId ?? team.id;
  return {
    id,
    team_id: teamId,
    name,
    real_name: realName,
    deleted: user.isDeleted === true,
    is_bot: user.isBot === true,
    is_app_user: false,
    is_email_confirmed: user.isEmailConfirmed !== false,
    is_restricted: user.isRestricted === true,
    is_ultra_restricted: user.isUltraRestricted === true,
    ...(user.isStranger === true ? { is_stranger: true } : {}),
    profile: {
      real_name: realName,
      display_name: name,
      team: teamId,
      ...(email !== null && scopes.has("users:read.email") ? { email } : {}),
    },
  };
}
