import type { Caller } from "../../shared/app/rights.ts";
import type { ChatConfig } from "../../shared/wire/chat-config.ts";
import { accepted, refused } from "../../shared/domain/result.ts";
import type { Result } from "../../shared/domain/result.ts";
import type { Slack, SlackPerson } from "../../shared/ports/slack.ts";

/** Who somebody in Slack is, by the address that they have there or that the installation gives them. */
export async function whoAsks(
  slack: Slack,
  { team, people }: ChatConfig,
  asker: { readonly team: string; readonly user: string },
): Promise<Result<Caller, string>> {
  const person = await slack.person(asker.user);
  if (person === null) {
    return refused("Slack does not say who you are.");
  }
  const stranger = refuseKind(person, team);
  if (stranger !== null) {
    return refused(stranger);
  }
  const email = people.get(asker.user) ?? (person.isEmailConfirmed ? person.email : null);
  if (email === null) {
    return refused(
      `Slack gives no address of yours that was confirmed. Confirm it in Slack, or have whoever runs this installation name ${asker.user} under chat.people.`,
    );
  }
  const others = await othersWith(slack, people, { user: asker.user, email });
  return others.length === 0
    ? accepted({ email: email.toLowerCase(), isManaged: false })
    : refused(
        `${[asker.user, ...others].map((id) => `<@${id}>`).join(" and ")} are both ${email} here, so neither may do anything. Whoever runs this installation can mend that under chat.people.`,
      );
}

/** Why somebody may do nothing, whatever their address is; null when that says nothing against them. */
function refuseKind(person: SlackPerson, team: string): string | null {
  if (person.isDeleted || person.isBot) {
    return "Bots and accounts that were deactivated may do nothing here.";
  }
  if (person.isStranger || ![person.team, person.organization].includes(team)) {
    return "People of other workspaces may do nothing here.";
  }
  return person.isGuest ? "Guests of the workspace may do nothing here." : null;
}

/** The others in Slack who would be taken for the same person. */
async function othersWith(
  slack: Slack,
  people: ChatConfig["people"],
  { user, email }: { readonly user: string; readonly email: string },
): Promise<readonly string[]> {
  const isSame = (address: string): boolean => address.toLowerCase() === email.toLowerCase();
  const named = [...people].filter(([, address]) => isSame(address)).map(([id]) => id);
  const owner = await slack.idOf(email);
  // Whoever is given another address by the installation is not taken for this one.
  const given = owner === null ? undefined : people.get(owner);
  const found = owner === null || (given !== undefined && !isSame(given)) ? [] : [owner];
  return [...new Set([...named, ...found])].filter((id) => id !== user);
}
