import { z } from "zod";

/** Who takes mail, and for whom. */
export type MailRelay = {
  readonly host: string;
  readonly port: number;
  /** Whether a connection begins with TLS; otherwise STARTTLS follows. */
  readonly isTls: boolean;
  /** Whether it is on this machine: for a local cloud. */
  readonly isLoopback: boolean;
  readonly from: string;
  /** Who speaks to the relay; null where it asks for nobody. */
  readonly user: string | null;
  /** The full name of the secret with the password; null without a user. */
  readonly passwordSecret: string | null;
  /** The domains that mail may go to. */
  readonly domains: readonly string[];
};

/** An address as mail is sent to: no name, no quotes, nothing that has to be taken apart. Source: https://html.spec.whatwg.org/#valid-e-mail-address */
export const MAIL_ADDRESS =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$/;

/** A domain of addresses. */
export const MAIL_DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;

/** The ports of the two ways. Source: https://www.rfc-editor.org/rfc/rfc8314 */
const PORTS: Readonly<Record<string, number>> = { "smtp:": 587, "smtps:": 465 };

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** What is wrong with a relay's address; null when nothing is. */
export function whyNoRelay(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isWhole =
    url !== null &&
    PORTS[url.protocol] !== undefined &&
    url.hostname !== "" &&
    ["", "/"].includes(url.pathname) &&
    `${url.username}${url.password}${url.search}${url.hash}` === "";
  return isWhole
    ? null
    : "must be smtp://HOST:PORT (STARTTLS), or smtps://HOST:PORT, such as smtp://smtp-relay.example.com:587";
}

/** Where a relay is. */
export function relayPlace(
  text: string,
): Pick<MailRelay, "host" | "port" | "isTls" | "isLoopback"> {
  const { protocol, hostname, port } = new URL(text);
  return {
    host: hostname.replace(/^\[(?<address>.*)\]$/, "$<address>"),
    port: port === "" ? (PORTS[protocol] ?? 0) : Number(port),
    isTls: protocol === "smtps:",
    isLoopback: LOOPBACK.has(hostname),
  };
}

/** A relay as a variable has it: JSON, as an installation writes it. */
const MailRelayValue = z.object({
  relay: z.string().refine((text) => whyNoRelay(text) === null),
  from: z.string().regex(MAIL_ADDRESS),
  user: z.string().nullable(),
  passwordSecret: z.string().nullable(),
  domains: z.array(z.string().regex(MAIL_DOMAIN)).readonly(),
});

/** What an installation says of its relay. */
export type WrittenRelay = z.output<typeof MailRelayValue>;

/** The relay of a variable; null where the variable is left out. */
export const mailRelay = z
  .string()
  .optional()
  .transform((text, context): MailRelay | null => {
    if (text === undefined) {
      return null;
    }
    const parsed = MailRelayValue.safeParse(jsonOf(text));
    if (!parsed.success) {
      context.addIssue({ code: "custom", message: "must be what slipway install writes" });
      return null;
    }
    const { relay, ...rest } = parsed.data;
    return { ...relayPlace(relay), ...rest };
  });

/** A relay as `mailRelay` reads it. */
export function mailRelayText(relay: WrittenRelay): string {
  return JSON.stringify(relay);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
