import { createHash, randomUUID } from "node:crypto";
import { requiredText } from "./arguments.ts";
import { type ModalView, readModal } from "./block-rules.ts";
import type { SlackCall, SlackMethod } from "./method.ts";
import { SlackError, wrongArguments } from "./slack-error.ts";
import type { OpenView } from "./state.ts";
import type { Team, Workspace } from "./workspace.ts";

/** The methods of the family `views`. Source: https://docs.slack.dev/reference/methods?family=views */
export const VIEW_METHODS: Readonly<Record<string, SlackMethod>> = {
  "views.open": { scope: null, run: open },
};

/** A trigger is good once, and for three seconds. */
function open({ workspace, args }: SlackCall): Readonly<Record<string, unknown>> {
  const { state, clock, team } = workspace;
  const id = requiredText(args, "trigger_id");
  const trigger = state.triggers.get(id);
  if (trigger === undefined) {
    throw wrongArguments("invalid_trigger_id", ["invalid `trigger_id`"]);
  }
  if (clock.now() > trigger.expiresMs) {
    throw new SlackError("expired_trigger_id");
  }
  const view = openView(workspace, trigger.user, readModal(args["view"]));
  state.triggers.delete(id);
  return { view: toViewView(view, team, {}) };
}

/** Opens a view before a person, in the place of the one that is open. */
export function openView(workspace: Workspace, user: string, view: ModalView): OpenView {
  const { state, count, clock } = workspace;
  for (const [id, other] of state.views) {
    if (other.user === user) {
      state.views.delete(id);
    }
  }
  const hash = `${clock.now()}.${createHash("sha256").update(JSON.stringify(view)).digest("hex").slice(0, 8)}`;
  const id = `V${String(count()).padStart(4, "0")}${randomUUID().slice(0, 6).toUpperCase()}`;
  const opened: OpenView = { id, user, view, hash, errors: {} };
  state.views.set(opened.id, opened);
  return opened;
}

/** What a person wrote into a view's fields: by block, then by action. */
export type ViewValues = Readonly<Record<string, Readonly<Record<string, FieldValue>>>>;

type FieldValue = { readonly type: "plain_text_input"; readonly value: string | null };

/** Source: https://docs.slack.dev/reference/views/modal-views */
export function toViewView(
  { id, view, hash }: OpenView,
  team: Team,
  values: ViewValues,
): Readonly<Record<string, unknown>> {
  return {
    private_metadata: "",
    callback_id: "",
    external_id: "",
    close: null,
    submit: null,
    clear_on_close: false,
    notify_on_close: false,
    ...view,
    id,
    team_id: team.id,
    state: { values },
    hash,
    root_view_id: id,
    previous_view_id: null,
    app_id: team.appId,
    bot_id: team.botId,
    app_installed_team_id: team.id,
  };
}
