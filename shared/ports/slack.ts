/** Somebody as Slack knows them. */
export type SlackPerson = {
  /** Null where there is none, or it may not be read. */
  readonly email: string | null;
  /** Whether Slack says that the address is theirs; what it does not say is no. */
  readonly isEmailConfirmed: boolean;
  /** The workspace that they belong to, and its organization if it has one. */
  readonly team: string;
  readonly organization: string | null;
  readonly isBot: boolean;
  readonly isDeleted: boolean;
  /** Whether they are a guest, of one channel or several. */
  readonly isGuest: boolean;
  /** Whether they are met in a shared channel alone. */
  readonly isStranger: boolean;
};

/** Slack, as far as conversations with people go. */
export type Slack = {
  /** Somebody by their id; null when there is nobody. @throws TransientError or PermanentError */
  readonly person: (id: string) => Promise<SlackPerson | null>;
  /** The id of whoever has an address; null when nobody has. @throws TransientError or PermanentError */
  readonly idOf: (email: string) => Promise<string | null>;
  /** Opens a modal before whoever set off the trigger, which is good for three seconds. @throws TransientError or PermanentError */
  readonly openModal: (trigger: string, view: object) => Promise<void>;
  /** Answers where a request said. @throws TransientError or PermanentError */
  readonly respond: (url: string, message: object) => Promise<void>;
};
