/** A template that cannot be filled in: why, and where in the value. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
  /** In UTF-16 code units from the start of the value. */
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}
