/** How it stands with a request from chat: nobody has begun, somebody is at it, somebody left it, it is done. */
export type ChatRequestState = "new" | "under-way" | "left" | "done";

/** Which requests from chat were taken up, so that none is done twice. */
export type ChatRequests = {
  /**
   * Takes a request up that is new, and says how it stood before. One that is left is taken up as well, by one alone.
   * @throws TransientError or PermanentError
   */
  readonly take: (key: string) => Promise<ChatRequestState>;
  /** Says that it is done. @throws TransientError or PermanentError */
  readonly finish: (key: string) => Promise<void>;
};
