import type { SendMailOptions } from "nodemailer/lib/mailer";
import type { MailRelay } from "../wire/mail-relay.ts";
import { oneLine } from "./one-line.ts";

/** How long the relay may take for each of its answers, in milliseconds. */
const RELAY_CALL_MAX_MS = 5000;

/** How long a whole mail may take, in milliseconds. */
const MAIL_MAX_MS = 15_000;

/** Who speaks to the relay; null where it asks for nobody. */
export type Login = { readonly user: string; readonly pass: string } | null;

/** A mail, with nothing in it that is read from a file or an address. */
export type Mail = {
  readonly messageId: string;
  readonly inReplyTo?: string;
  readonly references?: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly date: Date;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
};

/** Sends a mail. Null: the relay took it; else what it said, and what mends it. */
export type SendMail = (login: Login, mail: Mail) => Promise<string | null>;

/** What mends what, by the codes of the package. Source: https://nodemailer.com/errors */
const ADVICE: Readonly<Record<string, string>> = {
  EAUTH: "correct mail.user in slipway.yaml, or put the right password into its secret",
  ENOAUTH: "name mail.user and mail.password in slipway.yaml",
  EENVELOPE: "correct the addresses, or mail.from in slipway.yaml",
  ETLS: "the relay must offer TLS with a certificate that is valid for its name",
  EDNS: "correct mail.relay in slipway.yaml",
  ECONNECTION:
    "look whether mail.relay in slipway.yaml is right; Google Cloud lets nobody out by port 25",
  ESOCKET: "look whether mail.relay in slipway.yaml is right, and its certificate valid",
  ETIMEDOUT:
    "look whether mail.relay in slipway.yaml is right; Google Cloud lets nobody out by port 25",
};

/**
 * Sends mail by SMTP, each on a connection of its own, and over TLS: at once where the relay's address says so, else
 * by STARTTLS. Only a relay on this machine is spoken to in the open.
 */
export function mailSender({ host, port, isTls, isLoopback }: MailRelay): SendMail {
  return async (login, mail) => {
    const { createTransport } = await import("nodemailer");
    const transport = createTransport({
      host,
      port,
      secure: isTls,
      requireTLS: !isTls && !isLoopback,
      ignoreTLS: isLoopback && !isTls,
      connectionTimeout: RELAY_CALL_MAX_MS,
      greetingTimeout: RELAY_CALL_MAX_MS,
      socketTimeout: RELAY_CALL_MAX_MS,
      dnsTimeout: RELAY_CALL_MAX_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
      ...(login !== null && { auth: login }),
    });
    try {
      await within(MAIL_MAX_MS, transport.sendMail(written(mail)));
      return null;
    } catch (error) {
      return toReason(error, `${host}:${port}`);
    } finally {
      transport.close();
    }
  };
}

/** Addresses are records here, so that none is taken apart. */
function written({ from, to, ...mail }: Mail): SendMailOptions {
  return {
    ...mail,
    from: { name: "Slipway", address: from },
    to: to.map((address) => ({ name: "", address })),
    headers: { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" },
  };
}

async function within<Value>(ms: number, work: Promise<Value>): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(Object.assign(new Error(`no answer within ${ms} ms`), { code: "ETIMEDOUT" }));
  }, ms);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

function toReason(error: unknown, relay: string): string {
  if (!(error instanceof Error)) {
    throw error;
  }
  const code = "code" in error ? String(error.code) : "";
  const advice = ADVICE[code];
  return `the relay ${relay}: ${oneLine(error.message)}${advice === undefined ? "" : `; ${advice}`}`;
}
