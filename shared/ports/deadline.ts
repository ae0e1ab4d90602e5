/** Until when a piece of work goes on. What was not begun by then is left to whoever comes next. */
export type Deadline = {
  /** Whether the time is over. Once it is, it stays so. */
  readonly isPast: () => boolean;
};
