/**
 * A refusal as GitHub gives it.
 * Source: https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api
 */
export class GithubError extends Error {
  override readonly name = "GithubError";
  readonly status: number;
  readonly about: {
    readonly errors?: readonly unknown[];
    readonly headers?: Readonly<Record<string, string>>;
  };

  constructor(status: number, message: string, about: GithubError["about"] = {}) {
    super(message);
    this.status = status;
    this.about = about;
  }
}

/** What nobody may know to be there is not there. */
export function notFound(): GithubError {
  return new GithubError(404, "Not Found");
}

/** The answer to a refused call. */
export function toResponse({
  status,
  message,
  about: { errors, headers = {} },
}: GithubError): Response {
  const body = { message, errors, documentation_url: "https://docs.github.com/rest" };
  return Response.json(body, { status, headers });
}
