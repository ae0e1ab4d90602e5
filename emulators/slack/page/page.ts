import { html } from "hono/html";
import { type Html, wholePage } from "../../kit/bare-page.ts";
import type { Channel, OpenView, SlackUser, Workspace } from "../state.ts";
import { COMMAND } from "../interactions.ts";
import { hidden, type Look, showBlocks, showMessages } from "./messages.ts";
import { NOTHING } from "./mrkdwn.ts";

/** What is looked at. */
export type PageInput = {
  readonly workspace: Workspace;
  readonly person: SlackUser;
  readonly channel: Channel;
};

/** The page of one channel as one person sees it. */
export function channelPage(input: PageInput): Html {
  const { workspace, person, channel } = input;
  const { state } = workspace;
  const look: Look = { state, person: person.id, channel: channel.id };
  return wholePage(
    `#${channel.name} · local Slack`,
    html`<a class="skip" href="#say">Skip to the field for messages</a>
      <header>
        <p class="brand">Local Slack</p>
        ${whoForm(input)}
      </header>
      <div class="columns">
        <nav aria-label="Channels">
          <h2>Channels</h2>
          <ul id="channels">
            ${[...state.channels.values()]
              .toSorted((left, right) => left.name.localeCompare(right.name))
              .map((one) => channelLink(one, input))}
          </ul>
        </nav>
        <main>
          <h1>#${channel.name}</h1>
          <div id="open">${viewOf(input)}</div>
          <div id="messages" role="log" aria-label="Messages">${showMessages(look)}</div>
          <form class="say" method="post" action="/page/say">
            ${hidden({ as: person.id, channel: channel.id })}
            <label for="say">Message, or a command such as <code>${COMMAND} help</code></label>
            <div class="row">
              <input
                id="say"
                name="text"
                type="text"
                required
                maxlength="4000"
                autocomplete="off"
                spellcheck="false"
              />
              <button class="primary">Send</button>
            </div>
          </form>
        </main>
      </div>`,
    html`<script src="/page/live.js" defer></script>`,
  );
}

function whoForm({ workspace, person, channel }: PageInput): Html {
  const people = [...workspace.state.people.values()].filter(
    ({ is_bot, deleted }) => is_bot !== true && deleted !== true,
  );
  return html`<form class="who" method="get" action="/">
    ${hidden({ channel: channel.id })}
    <label for="as">You are</label>
    <select id="as" name="as">
      ${people.map(
        ({ id, real_name, profile }) =>
          html`<option value="${id}" ${id === person.id ? html`selected` : NOTHING}>
            ${real_name}${profile?.email === undefined ? "" : ` (${profile.email})`}
          </option>`,
      )}
    </select>
    <button>Switch</button>
  </form>`;
}

function channelLink(one: Channel, { person, channel }: PageInput): Html {
  const isHere = one.id === channel.id;
  return html`<li>
    <a href="/?channel=${one.id}&as=${person.id}" ${isHere ? html`aria-current="page"` : NOTHING}
      >#${one.name}</a
    >
  </li>`;
}

/** The modal that is open before the person. */
function viewOf({ workspace, person, channel }: PageInput): Html {
  const open = [...workspace.state.views.values()].find(({ user }) => user === person.id);
  return open === undefined ? NOTHING : showView(open, workspace, channel);
}

function showView(
  { id, user, view, errors }: OpenView,
  { state }: Workspace,
  channel: Channel,
): Html {
  const general = new Map(Object.entries(errors)).get("");
  return html`<section class="dialog" role="dialog" aria-labelledby="dialog-title">
    <h2 id="dialog-title">${view.title.text}</h2>
    <form method="post" action="/page/submit">
      ${hidden({ as: user, channel: channel.id, view: id })}
      ${general === undefined ? NOTHING : html`<p class="problem">${general}</p>`}
      ${showBlocks(view.blocks, { state, errors, button: () => NOTHING })}
      <div class="actions">
        ${view.submit === undefined ? NOTHING : html`<button class="primary">${view.submit.text}</button>`}
        <button name="close" value="yes" formnovalidate>${view.close?.text ?? "Cancel"}</button>
      </div>
    </form>
  </section>`;
}
